package dev.burhan.modeldistill;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.modeldistill.DecoderSettings.Bias;
import dev.burhan.modeldistill.DecoderSettings.Head;
import dev.burhan.modeldistill.DecoderSettings.Rotary;
import dev.burhan.modeldistill.DecoderSettings.ScaleBlock;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Settings from GGUF's key-value pairs (ggml's {@code docs/gguf.md}). */
final class GgufSettings {
  /** Factors that divide the frequencies: how GGUF files carry Llama 3.1's scaling. */
  static final String ROPE_FACTORS = "rope_freqs.weight";

  /**
   * Keys by which a file asks for mathematics that these graphs don't have, with the values that
   * ask for nothing.
   */
  private static final Map<String, List<Double>> NEUTRAL =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("expert_count", List.of(0.0)),
              Map.entry("attention.sliding_window", List.of(0.0)),
              Map.entry("attention.scale", List.of(0.0)),
              Map.entry("attention.clamp_kqv", List.of(0.0)),
              Map.entry("attention.max_alibi_bias", List.of(0.0)),
              Map.entry("rope.scaling.attn_factor", List.of(1.0)),
              Map.entry("rope.scaling.yarn_log_multiplier", List.of(0.0)),
              Map.entry("rope.scaling.yarn_ext_factor", List.of(-1.0, 1.0)),
              Map.entry("rope.scaling.yarn_attn_factor", List.of(1.0)),
              Map.entry("rope.scaling.yarn_beta_fast", List.of(32.0)),
              Map.entry("rope.scaling.yarn_beta_slow", List.of(1.0)),
              Map.entry("logit_scale", List.of(0.0, 1.0)),
              Map.entry("residual_scale", List.of(0.0, 1.0)),
              Map.entry("embedding_scale", List.of(0.0, 1.0))));

  private final Checkpoint checkpoint;
  private final Metadata metadata;
  private final DecoderFamily family;
  private final Bounds bounds;

  GgufSettings(Checkpoint checkpoint, DecoderFamily family) {
    this.checkpoint = checkpoint;
    this.metadata = checkpoint.metadata();
    this.family = family;
    this.bounds = new Bounds(metadata);
  }

  private String key(String suffix) {
    return family.name() + "." + suffix;
  }

  DecoderSettings read() {
    refuseUnsupported();
    int layers = bounds.layers(key("block_count"));
    int hidden = bounds.width(key("embedding_length"));
    int heads = bounds.heads(key("attention.head_count"));
    int kvHeads =
        metadata.has(key("attention.head_count_kv"))
            ? bounds.kvHeads(key("attention.head_count_kv"), heads)
            : heads;
    int headDim = bounds.headDim(key("attention.key_length"), hidden, heads);
    int valueDim = metadata.integer(key("attention.value_length"), 1, Bounds.MOST, headDim);
    if (valueDim != headDim) {
      throw wrong(
          "attention.value_length", "the key length " + headDim, Integer.toString(valueDim));
    }
    return new DecoderSettings(
        family.name(),
        metadata.has("general.name")
            ? Optional.of(metadata.string("general.name"))
            : Optional.empty(),
        layers,
        hidden,
        bounds.width(key("feed_forward_length")),
        heads,
        kvHeads,
        headDim,
        vocabulary(),
        bounds.context(key("context_length")),
        bounds.epsilon(key("attention.layer_norm_rms_epsilon")),
        bounds.finite(key("rope.freq_base"), rotary(headDim)),
        Collections.nCopies(layers, 0),
        family.queryKeyNorm(),
        family.queryKeyValueBias(Bias.IF_PRESENT),
        family.outputBias(Bias.IF_PRESENT),
        Bias.IF_PRESENT,
        Head.OWN_IF_PRESENT,
        new ScaleBlock(1, 1));
  }

  /** The rows of the embedding, which no key tells. */
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

  private void refuseUnsupported() {
    NEUTRAL.forEach(
        (suffix, neutral) -> {
          if (metadata.has(key(suffix)) && !neutral.contains(metadata.real(key(suffix)))) {
            throw wrong(
                suffix,
                "absent or " + neutral + ": " + family.name() + " has nothing of the kind here",
                Double.toString(metadata.real(key(suffix))));
          }
        });
    if (!metadata.bool(key("attention.causal"), true)) {
      throw wrong("attention.causal", "true: only causal models generate", "false");
    }
  }

  private Rotary rotary(int headDim) {
    int dims = bounds.rotaryDims(key("rope.dimension_count"), headDim);
    double theta = bounds.positive(key("rope.freq_base"), 10_000);
    boolean interleaved = family.permutedInGguf();
    float[] plain = RotaryFrequencies.plain(theta, dims);
    if (checkpoint.tensors().containsKey(ROPE_FACTORS)) {
      plain = RotaryFrequencies.divided(plain, ropeFactors(plain.length));
    }
    String type = metadata.string(key("rope.scaling.type"), "none");
    String factorKey =
        metadata.has(key("rope.scale_linear"))
            ? key("rope.scale_linear") // the older key
            : key("rope.scaling.factor");
    boolean olderKey = metadata.has(key("rope.scale_linear")) && type.equals("none");
    return switch (olderKey ? "linear" : type) {
      case "none" -> RotaryFrequencies.unscaled(plain, interleaved);
      case "linear" ->
          RotaryFrequencies.unscaled(
              RotaryFrequencies.linear(plain, (float) bounds.positive(factorKey, 1)), interleaved);
      case "yarn" -> {
        double factor = bounds.positive(key("rope.scaling.factor"));
        int original = bounds.context(key("rope.scaling.original_context_length"));
        yield new Rotary(
            new InverseFrequencies(
                RotaryFrequencies.yarn(plain, (float) factor, 32, 1, original, theta)),
            (float) RotaryFrequencies.yarnAttention(factor, 1),
            interleaved);
      }
      default -> throw wrong("rope.scaling.type", "none, linear or yarn", "'" + type + "'");
    };
  }

  private float[] ropeFactors(int pairs) {
    TensorInfo info = checkpoint.tensor(ROPE_FACTORS);
    if (!info.shape().equals(Shape.of(pairs)) || !info.type().equals(DataType.F32)) {
      throw new CheckpointException(
          "%s: tensor '%s' is %s %s, expected F32 (%d): a factor for each rotated pair"
              .formatted(info.file(), info.name(), info.type(), info.shape(), pairs));
    }
    float[] factors =
        checkpoint
            .data(ROPE_FACTORS)
            .toArray(JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
    for (float factor : factors) {
      if (!(factor > 0) || Float.isInfinite(factor)) {
        throw new CheckpointException(
            info.file() + ": tensor '" + ROPE_FACTORS + "' should be positive, found " + factor);
      }
    }
    return factors;
  }

  private CheckpointException wrong(String suffix, String expected, String found) {
    return bounds.wrong(key(suffix), expected, found);
  }
}
