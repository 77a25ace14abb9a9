package dev.burhan.modelr1;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.graph.Op.Route.GroupRanking;
import dev.burhan.graph.Op.Route.Score;
import dev.burhan.modelr1.Bounds.MixtureKeys;
import dev.burhan.modelr1.Settings.Head;
import dev.burhan.modelr1.Settings.Latent;
import dev.burhan.modelr1.Settings.Mixture;
import dev.burhan.modelr1.Settings.ScaleBlock;
import java.util.Arrays;
import java.util.Optional;

/** Settings from a Hugging Face folder's config.json, keys as DeepSeek publishes them. */
final class ConfigJsonSettings {
  private static final MixtureKeys MIXTURE =
      new MixtureKeys(
          "n_routed_experts", "num_experts_per_tok", "n_group", "topk_group", "n_shared_experts");

  private final Metadata metadata;
  private final Bounds bounds;
  private final String architecture;

  ConfigJsonSettings(Checkpoint checkpoint) {
    this.metadata = checkpoint.metadata();
    this.bounds = new Bounds(metadata);
    this.architecture = metadata.string("model_type");
  }

  /** DeepSeek-V2's defaults differ from V3's. */
  private boolean older() {
    return architecture.equals("deepseek_v2");
  }

  Settings read() {
    refuseUnsupported();
    int layers = bounds.layers("num_hidden_layers");
    Latent latent = latent();
    ConfigJsonRotary rotary = new ConfigJsonRotary(metadata, bounds);
    return new Settings(
        architecture,
        Optional.empty(),
        layers,
        metadata.integer("num_nextn_predict_layers", 0, 1_000, 0),
        bounds.width("hidden_size"),
        bounds.width("intermediate_size"),
        bounds.width("vocab_size"),
        rotary.context(),
        bounds.epsilon("rms_norm_eps"),
        latent,
        rotary.read(latent.rope()),
        bounds.experts("n_routed_experts", 0) > 0
            ? Optional.of(bounds.ofLayers("num_hidden_layers", layers, mixture()))
            : Optional.empty(),
        metadata.bool("tie_word_embeddings", false) ? Head.TIED : Head.OWN,
        scaleBlock());
  }

  private void refuseUnsupported() {
    String activation = metadata.string("hidden_act", "silu");
    if (!activation.equals("silu")) {
      throw bounds.wrong("hidden_act", "silu", "'" + activation + "'");
    }
    String quantised = metadata.string("quantization_config.quant_method", "fp8");
    if (!quantised.equals("fp8")) {
      throw bounds.wrong(
          "quantization_config.quant_method",
          "absent or fp8: take the model's GGUF file or its unquantised folder",
          "'" + quantised + "'");
    }
    String format = metadata.string("quantization_config.fmt", "e4m3");
    if (!format.equals("e4m3")) {
      throw bounds.wrong("quantization_config.fmt", "e4m3", "'" + format + "'");
    }
    if (metadata.bool("attention_bias", false)) {
      throw bounds.wrong("attention_bias", "false: no published DeepSeek model has any", "true");
    }
  }

  private ScaleBlock scaleBlock() {
    String key = "quantization_config.weight_block_size";
    if (!metadata.has(key)) {
      return new ScaleBlock(128, 128);
    }
    long[] block = metadata.integers(key);
    if (block.length != 2
        || Math.min(block[0], block[1]) < 1
        || Math.max(block[0], block[1]) > Bounds.MOST) {
      throw bounds.wrong(key, "rows and columns, such as [128, 128]", Arrays.toString(block));
    }
    return new ScaleBlock((int) block[0], (int) block[1]);
  }

  private Latent latent() {
    int heads = bounds.heads("num_attention_heads");
    return bounds.latent(
        "num_attention_heads",
        new Latent(
            heads,
            metadata.integer("q_lora_rank", 0, Bounds.MOST, 0),
            bounds.width("kv_lora_rank"),
            bounds.headPart("qk_nope_head_dim"),
            bounds.rotated("qk_rope_head_dim"),
            bounds.headPart("v_head_dim")));
  }

  private Mixture mixture() {
    Method method = method();
    boolean normalise = metadata.bool("norm_topk_prob", !older());
    double scale = metadata.real("routed_scaling_factor", 1);
    if (older() && normalise && scale != 1) {
      throw bounds.wrong(
          "routed_scaling_factor",
          "1 where norm_topk_prob is true: implementations of deepseek_v2 differ in what both mean",
          Double.toString(scale));
    }
    boolean grouped = method != Method.GREEDY;
    return bounds.mixture(
        MIXTURE,
        new Mixture(
            metadata.integer("first_k_dense_replace", 0, 10_000, 0),
            metadata.integer("moe_layer_freq", 1, 10_000, 1),
            bounds.experts("n_routed_experts", 0),
            bounds.width("moe_intermediate_size"),
            bounds.experts("n_shared_experts", 0),
            bounds.experts("num_experts_per_tok", 0),
            grouped ? bounds.experts("n_group", 1) : 1,
            grouped ? bounds.experts("topk_group", 1) : 1,
            method.ranking,
            score(),
            method == Method.NO_AUXILIARY_LOSS,
            normalise,
            (float) scale));
  }

  /** How experts are chosen: config.json's topk_method. */
  private enum Method {
    NO_AUXILIARY_LOSS("noaux_tc", GroupRanking.TWO_BEST),
    GROUP_LIMITED_GREEDY("group_limited_greedy", GroupRanking.BEST),
    GREEDY("greedy", GroupRanking.TWO_BEST);

    private final String word;
    private final GroupRanking ranking;

    Method(String word, GroupRanking ranking) {
      this.word = word;
      this.ranking = ranking;
    }
  }

  private Method method() {
    String found = metadata.string("topk_method", older() ? "greedy" : "noaux_tc");
    return Arrays.stream(Method.values())
        .filter(method -> method.word.equals(found))
        .findFirst()
        .orElseThrow(
            () ->
                bounds.wrong(
                    "topk_method", "noaux_tc, group_limited_greedy or greedy", "'" + found + "'"));
  }

  private Score score() {
    String found = metadata.string("scoring_func", older() ? "softmax" : "sigmoid");
    return switch (found) {
      case "sigmoid" -> Score.SIGMOID;
      case "softmax" -> Score.SOFTMAX;
      default -> throw bounds.wrong("scoring_func", "sigmoid or softmax", "'" + found + "'");
    };
  }
}
