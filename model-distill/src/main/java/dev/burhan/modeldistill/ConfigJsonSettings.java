package dev.burhan.modeldistill;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.modeldistill.DecoderSettings.Bias;
import dev.burhan.modeldistill.DecoderSettings.Head;
import dev.burhan.modeldistill.DecoderSettings.Rotary;
import dev.burhan.modeldistill.DecoderSettings.ScaleBlock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Settings from a Hugging Face folder's config.json. Rotary settings are in {@code rope_theta} and
 * {@code rope_scaling}, or, since transformers 5, together in {@code rope_parameters}.
 */
final class ConfigJsonSettings {
  private final Metadata metadata;
  private final DecoderFamily family;
  private final Bounds bounds;
  private final String rope; // the object with the rotary settings

  ConfigJsonSettings(Checkpoint checkpoint, DecoderFamily family) {
    this.metadata = checkpoint.metadata();
    this.family = family;
    this.bounds = new Bounds(metadata);
    this.rope =
        metadata.keys().stream().anyMatch(key -> key.startsWith("rope_parameters."))
            ? "rope_parameters."
            : "rope_scaling.";
  }

  DecoderSettings read() {
    refuseUnsupported();
    int layers = bounds.layers("num_hidden_layers");
    int hidden = bounds.width("hidden_size");
    int heads = bounds.heads("num_attention_heads");
    int kvHeads =
        metadata.has("num_key_value_heads") ? bounds.kvHeads("num_key_value_heads", heads) : heads;
    int headDim = bounds.headDim("head_dim", hidden, heads);
    Bias attentionBias = Bias.of(metadata.bool("attention_bias", false));
    return new DecoderSettings(
        family.name(),
        Optional.empty(),
        layers,
        hidden,
        bounds.width("intermediate_size"),
        heads,
        kvHeads,
        headDim,
        bounds.width("vocab_size"),
        context(),
        bounds.epsilon("rms_norm_eps"),
        bounds.finite(rope.substring(0, rope.length() - 1), rotary(headDim)),
        windows(layers),
        family.queryKeyNorm(),
        family.queryKeyValueBias(attentionBias),
        family.outputBias(attentionBias),
        Bias.of(metadata.bool("mlp_bias", false)),
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
  }

  private ScaleBlock scaleBlock() {
    String key = "quantization_config.weight_block_size";
    if (!metadata.has(key)) {
      return new ScaleBlock(128, 128);
    }
    long[] block = metadata.integers(key);
    if (block.length != 2
        || block[0] < 1
        || block[1] < 1
        || Math.max(block[0], block[1]) > Bounds.MOST) {
      throw bounds.wrong(key, "rows and columns", java.util.Arrays.toString(block));
    }
    return new ScaleBlock((int) block[0], (int) block[1]);
  }

  /** For each layer how many last tokens it sees. */
  private List<Integer> windows(int layers) {
    if (!metadata.bool("use_sliding_window", false)) {
      return Collections.nCopies(layers, 0);
    }
    if (!family.slidingWindows()) {
      throw bounds.wrong(
          "use_sliding_window", "false: " + family.name() + " has no sliding windows", "true");
    }
    int window = bounds.context("sliding_window");
    List<Integer> windows = new ArrayList<>();
    if (metadata.has("layer_types")) {
      for (String type : metadata.strings("layer_types")) {
        switch (type) {
          case "full_attention" -> windows.add(0);
          case "sliding_attention" -> windows.add(window);
          default ->
              throw bounds.wrong(
                  "layer_types", "full_attention or sliding_attention", "'" + type + "'");
        }
      }
      if (windows.size() != layers) {
        throw bounds.wrong("layer_types", layers + " types", Integer.toString(windows.size()));
      }
      return windows;
    }
    int fullLayers = metadata.integer("max_window_layers", 0, Integer.MAX_VALUE);
    for (int layer = 0; layer < layers; layer++) {
      windows.add(layer < fullLayers ? 0 : window);
    }
    return windows;
  }

  private String ropeType() {
    return metadata.string(rope + "rope_type", metadata.string(rope + "type", "default"));
  }

  private double theta() {
    return bounds.positive(
        metadata.has(rope + "rope_theta") ? rope + "rope_theta" : "rope_theta", 10_000);
  }

  /** The context, which YaRN's settings may extend. */
  private int context() {
    int context = bounds.context("max_position_embeddings");
    if (!ropeType().equals("yarn")) {
      return context;
    }
    double extended = originalContext() * bounds.positive(rope + "factor");
    return (int) Math.min(Math.max(context, extended), Integer.MAX_VALUE);
  }

  private int originalContext() {
    String key = rope + "original_max_position_embeddings";
    return bounds.context(metadata.has(key) ? key : "max_position_embeddings");
  }

  private Rotary rotary(int headDim) {
    double share =
        bounds.positive(
            metadata.has(rope + "partial_rotary_factor")
                ? rope + "partial_rotary_factor"
                : "partial_rotary_factor",
            1);
    int dims = (int) (headDim * share);
    if (dims < 2 || dims > headDim || dims % 2 != 0) {
      throw bounds.wrong(
          "partial_rotary_factor",
          "such that an even number of a head's " + headDim + " dimensions is rotated",
          Double.toString(share));
    }
    float[] plain = RotaryFrequencies.plain(theta(), dims);
    return switch (ropeType()) {
      case "default" -> RotaryFrequencies.unscaled(plain, false);
      case "linear" -> RotaryFrequencies.unscaled(RotaryFrequencies.linear(plain, factor()), false);
      case "llama3" ->
          RotaryFrequencies.unscaled(
              RotaryFrequencies.llama3(
                  plain,
                  factor(),
                  (float) bounds.positive(rope + "low_freq_factor"),
                  (float) bounds.positive(rope + "high_freq_factor"),
                  bounds.context(rope + "original_max_position_embeddings")),
              false);
      case "yarn" -> yarn(plain);
      default ->
          throw bounds.wrong(
              rope + (metadata.has(rope + "rope_type") ? "rope_type" : "type"),
              "default, linear, llama3 or yarn",
              "'" + ropeType() + "'");
    };
  }

  private float factor() {
    return (float) bounds.positive(rope + "factor");
  }

  private Rotary yarn(float[] plain) {
    if (!metadata.bool(rope + "truncate", true)) {
      throw bounds.wrong(rope + "truncate", "true", "false");
    }
    float[] frequencies =
        RotaryFrequencies.yarn(
            plain,
            factor(),
            bounds.positive(rope + "beta_fast", 32),
            bounds.positive(rope + "beta_slow", 1),
            originalContext(),
            theta());
    return new Rotary(new InverseFrequencies(frequencies), (float) attentionFactor(), false);
  }

  private double attentionFactor() {
    if (metadata.has(rope + "attention_factor")) {
      return bounds.positive(rope + "attention_factor");
    }
    double scale = metadata.real(rope + "mscale", 0);
    double scaleAllDim = metadata.real(rope + "mscale_all_dim", 0);
    double factor = factor();
    return scale != 0 && scaleAllDim != 0
        ? RotaryFrequencies.yarnAttention(factor, scale)
            / RotaryFrequencies.yarnAttention(factor, scaleAllDim)
        : RotaryFrequencies.yarnAttention(factor, 1);
  }
}
