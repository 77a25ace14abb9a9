package dev.burhan.modelr1;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Op.Route.GroupRanking;
import dev.burhan.graph.Op.Route.Score;
import dev.burhan.modelr1.Bounds.MixtureKeys;
import dev.burhan.modelr1.Settings.Head;
import dev.burhan.modelr1.Settings.Latent;
import dev.burhan.modelr1.Settings.Mixture;
import dev.burhan.modelr1.Settings.Rotary;
import dev.burhan.modelr1.Settings.ScaleBlock;
import dev.burhan.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Settings from GGUF's key-value pairs, as llama.cpp's converters write them. */
final class GgufSettings {
  private static final String PREFIX = "deepseek2.";
  private static final MixtureKeys MIXTURE =
      new MixtureKeys(
          PREFIX + "expert_count",
          PREFIX + "expert_used_count",
          PREFIX + "expert_group_count",
          PREFIX + "expert_group_used_count",
          PREFIX + "expert_shared_count");

  /** {@code expert_gating_func}'s values. */
  private static final int SOFTMAX = 1;

  private static final int SIGMOID = 2;

  /**
   * Keys by which a file asks for mathematics that this graph doesn't have, with the values that
   * ask for nothing.
   */
  private static final Map<String, List<Double>> NEUTRAL =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("attention.sliding_window", List.of(0.0)),
              Map.entry("attention.scale", List.of(0.0)),
              Map.entry("attention.clamp_kqv", List.of(0.0)),
              Map.entry("attention.max_alibi_bias", List.of(0.0)),
              Map.entry("attention.temperature_scale", List.of(0.0)),
              Map.entry("rope.scaling.attn_factor", List.of(1.0)),
              Map.entry("rope.scaling.yarn_ext_factor", List.of(-1.0, 1.0)),
              Map.entry("rope.scaling.yarn_attn_factor", List.of(1.0)),
              Map.entry("expert_group_scale", List.of(0.0, 1.0)),
              Map.entry("logit_scale", List.of(0.0, 1.0)),
              Map.entry("residual_scale", List.of(0.0, 1.0)),
              Map.entry("embedding_scale", List.of(0.0, 1.0))));

  private final Checkpoint checkpoint;
  private final Metadata metadata;
  private final Bounds bounds;

  GgufSettings(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
    this.metadata = checkpoint.metadata();
    this.bounds = new Bounds(metadata);
  }

  private static String key(String suffix) {
    return PREFIX + suffix;
  }

  Settings read() {
    refuseUnsupported();
    int all = bounds.layers(key("block_count"));
    int draftLayers = metadata.integer(key("nextn_predict_layers"), 0, all - 1, 0);
    Latent latent = latent();
    Optional<Mixture> mixture =
        bounds.experts(MIXTURE.experts(), 0) == 0 ? Optional.empty() : Optional.of(mixture());
    return new Settings(
        metadata.string("general.architecture"),
        metadata.has("general.name")
            ? Optional.of(metadata.string("general.name"))
            : Optional.empty(),
        all - draftLayers,
        draftLayers,
        bounds.width(key("embedding_length")),
        bounds.width(key("feed_forward_length")),
        vocabulary(),
        bounds.context(key("context_length")),
        bounds.epsilon(key("attention.layer_norm_rms_epsilon")),
        latent,
        rotary(latent.rope()),
        mixture,
        Head.OWN_IF_PRESENT,
        new ScaleBlock(1, 1));
  }

  private void refuseUnsupported() {
    NEUTRAL.forEach(
        (suffix, neutral) -> {
          if (metadata.has(key(suffix)) && !neutral.contains(metadata.real(key(suffix)))) {
            throw wrong(
                suffix,
                "absent or " + neutral + ": DeepSeek's models have nothing of the kind",
                Double.toString(metadata.real(key(suffix))));
          }
        });
  }

  /** The rows of the embedding. */
  private int vocabulary() {
    TensorInfo embedding = checkpoint.tensor(TensorNames.GGUF.name(Part.EMBEDDING, 0));
    Shape shape = embedding.shape();
    if (shape.rank() != 2 || shape.dim(0) < 1 || shape.dim(0) > Bounds.MOST) {
      throw new CheckpointException(
          "%s: tensor '%s' has shape %s, expected (tokens, width) with at most %d tokens"
              .formatted(embedding.file(), embedding.name(), shape, Bounds.MOST));
    }
    return (int) shape.dim(0);
  }

  /**
   * Files with {@code attn_kv_b} split describe attention as if it had one key head, as wide as
   * latent and rotated part together, and give the real heads' widths in keys of their own ({@code
   * key_length_mla}); older ones have only the real ones.
   */
  private Latent latent() {
    boolean oneKeyHead = metadata.has(key("attention.key_length_mla"));
    String keyLength = key(oneKeyHead ? "attention.key_length_mla" : "attention.key_length");
    String valueLength = key(oneKeyHead ? "attention.value_length_mla" : "attention.value_length");
    int rope = bounds.rotated(key("rope.dimension_count"));
    int queryHead = bounds.headPart(keyLength);
    if (queryHead <= rope) {
      throw bounds.wrong(
          keyLength,
          "more than the " + rope + " rotated dimensions of " + key("rope.dimension_count"),
          Integer.toString(queryHead));
    }
    return bounds.latent(
        key("attention.head_count"),
        new Latent(
            bounds.heads(key("attention.head_count")),
            metadata.integer(key("attention.q_lora_rank"), 0, Bounds.MOST, 0),
            bounds.width(key("attention.kv_lora_rank")),
            queryHead - rope,
            rope,
            bounds.headPart(valueLength)));
  }

  private Mixture mixture() {
    int firstLayer = metadata.integer(key("leading_dense_block_count"), 0, 10_000, 0);
    boolean bias = checkpoint.tensors().containsKey(TensorNames.GGUF.routerBias(firstLayer));
    Score score = score(bias);
    int experts = bounds.experts(MIXTURE.experts(), 0);
    int top = bounds.experts(MIXTURE.top(), 0);
    double scale = metadata.real(key("expert_weights_scale"), 1);
    boolean published = isPublished(score, experts, top);
    return bounds.mixture(
        MIXTURE,
        new Mixture(
            firstLayer,
            1,
            experts,
            bounds.width(key("expert_feed_forward_length")),
            bounds.experts(MIXTURE.shared(), 0),
            top,
            Math.max(1, bounds.experts(MIXTURE.groups(), published ? 8 : 1)),
            Math.max(1, bounds.experts(MIXTURE.groupsKept(), published ? 4 : 1)),
            score == Score.SOFTMAX ? GroupRanking.BEST : GroupRanking.TWO_BEST,
            score,
            bias,
            metadata.bool(key("expert_weights_norm"), false),
            scale == 0 ? 1 : (float) scale));
  }

  /**
   * DeepSeek-V3 and R1 themselves, whose 8 groups, 4 kept, files of 2025 do not tell: there were no
   * keys for them yet. No other model has these numbers and no groups.
   */
  private boolean isPublished(Score score, int experts, int top) {
    return !metadata.has(MIXTURE.groups())
        && score == Score.SIGMOID
        && experts == 256
        && top == 8
        && metadata.integer(key("embedding_length"), 1, Bounds.MOST) == 7168;
  }

  /** Files of DeepSeek-V2 do not tell, nor do some whose router has a bias, which V2's has not. */
  private Score score(boolean bias) {
    String key = key("expert_gating_func");
    return switch (metadata.integer(key, 0, Integer.MAX_VALUE, bias ? SIGMOID : SOFTMAX)) {
      case SOFTMAX -> Score.SOFTMAX;
      case SIGMOID -> Score.SIGMOID;
      case 0 -> bias ? Score.SIGMOID : Score.SOFTMAX;
      default ->
          throw bounds.wrong(
              key,
              SOFTMAX + " (softmax) or " + SIGMOID + " (sigmoid)",
              metadata.value(key).orElseThrow().toString());
    };
  }

  private Rotary rotary(int dims) {
    double theta = bounds.positive(key("rope.freq_base"), 10_000);
    float[] plain = Yarn.plain(theta, dims);
    String type = metadata.string(key("rope.scaling.type"), "none");
    Rotary rotary =
        switch (type) {
          case "none" -> new Rotary(new InverseFrequencies(plain), 1, 1, true);
          case "yarn" -> yarn(plain, theta);
          default -> throw wrong("rope.scaling.type", "none or yarn", "'" + type + "'");
        };
    return bounds.finite(key("rope.scaling"), rotary);
  }

  /**
   * {@code yarn_log_multiplier} is a tenth of config.json's mscale_all_dim; mscale is not told and
   * taken to be the same, as it is in every published model.
   */
  private Rotary yarn(float[] plain, double theta) {
    double factor = bounds.positive(key("rope.scaling.factor"));
    float[] frequencies =
        Yarn.scaled(
            plain,
            factor,
            bounds.positive(key("rope.scaling.yarn_beta_fast"), 32),
            bounds.positive(key("rope.scaling.yarn_beta_slow"), 1),
            bounds.context(key("rope.scaling.original_context_length")),
            theta);
    float logMultiplier = (float) metadata.real(key("rope.scaling.yarn_log_multiplier"), 0);
    double all = Yarn.magnitude(factor, logMultiplier / 0.1f);
    double scale = logMultiplier == 0 ? Yarn.magnitude(factor, 1) : 1;
    return new Rotary(new InverseFrequencies(frequencies), (float) scale, all * all, true);
  }

  private CheckpointException wrong(String suffix, String expected, String found) {
    return bounds.wrong(key(suffix), expected, found);
  }
}
