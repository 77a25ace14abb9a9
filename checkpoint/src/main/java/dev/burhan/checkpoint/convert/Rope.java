package dev.burhan.checkpoint.convert;

import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.gguf.GgufOutput;
import java.util.Optional;

/**
 * Rotary settings: in {@code rope_theta} and {@code rope_scaling}, or, since transformers 5,
 * together in {@code rope_parameters}. What GGUF has no key for is refused.
 */
final class Rope {
  private final Source source;
  private final Metadata config;
  private final String at; // what the keys begin with

  Rope(Source source) {
    this.source = source;
    this.config = source.config();
    this.at =
        config.keys().stream().anyMatch(key -> key.startsWith("rope_parameters."))
            ? "rope_parameters."
            : "rope_scaling.";
  }

  private String type() {
    return config.string(at + "rope_type", config.string(at + "type", "default"));
  }

  private double theta() {
    return config.real(at + "rope_theta", config.real("rope_theta", 10_000));
  }

  private int original() {
    return source.number(
        at + "original_max_position_embeddings", source.number("max_position_embeddings"));
  }

  /** Most tokens; YaRN's settings may extend what the model was trained for. */
  int context() {
    int context = source.number("max_position_embeddings");
    return type().equals("yarn")
        ? (int) Math.max(context, Math.min(original() * config.real(at + "factor"), 1 << 30))
        : context;
  }

  /**
   * Adds the keys.
   *
   * @param dims rotated dimensions of a head
   */
  void keys(GgufOutput out, String prefix, int dims) {
    refuse("partial_rotary_factor", 1);
    refuse(at + "partial_rotary_factor", 1);
    out.put(prefix + "rope.dimension_count", dims);
    out.put(prefix + "rope.freq_base", (float) theta());
    switch (type()) {
      case "default", "llama3" -> {} // llama3's are in a tensor
      case "linear" -> {
        out.put(prefix + "rope.scaling.type", "linear");
        out.put(prefix + "rope.scaling.factor", (float) config.real(at + "factor"));
      }
      case "yarn" -> {
        out.put(prefix + "rope.scaling.type", "yarn");
        out.put(prefix + "rope.scaling.factor", (float) config.real(at + "factor"));
        out.put(prefix + "rope.scaling.original_context_length", original());
        refuse(at + "beta_fast", 32);
        refuse(at + "beta_slow", 1);
        if (config.has(at + "attention_factor") || !config.bool(at + "truncate", true)) {
          throw source.wrong(
              at + "attention_factor",
              "absent, and truncate true: GGUF has no key for them",
              "them");
        }
      }
      default ->
          throw source.wrong(at + "type", "default, linear, llama3 or yarn", "'" + type() + "'");
    }
  }

  private void refuse(String key, double usual) {
    if (config.real(key, usual) != usual) {
      throw source.wrong(
          key,
          usual + ": there is no GGUF key for it that is read alike everywhere",
          Double.toString(config.real(key)));
    }
  }

  /**
   * DeepSeek's YaRN: a tenth of mscale_all_dim, which mscale has to equal, as it does in every
   * published model; or both are left out.
   */
  void yarnMultiplier(GgufOutput out, String prefix) {
    if (!type().equals("yarn")) {
      return;
    }
    double all = config.real(at + "mscale_all_dim", 0);
    double scale = config.real(at + "mscale", 1);
    if (all == 0 ? scale != 1 : scale != all) {
      throw source.wrong(
          at + "mscale",
          "mscale_all_dim, " + all + ": GGUF has one key for both",
          Double.toString(scale));
    }
    if (all != 0) {
      out.put(prefix + "rope.scaling.yarn_log_multiplier", 0.1f * (float) all);
    }
  }

  /** Llama 3.1's scaling as factors that divide each pair's frequency. */
  Optional<Rows> factors(int dims) {
    if (!type().equals("llama3")) {
      return Optional.empty();
    }
    double factor = config.real(at + "factor");
    double low = config.real(at + "low_freq_factor");
    double high = config.real(at + "high_freq_factor");
    float[] factors = new float[dims / 2];
    for (int pair = 0; pair < factors.length; pair++) {
      double wave = 2 * Math.PI * Math.pow(theta(), 2.0 * pair / dims);
      if (wave < original() / high) {
        factors[pair] = 1;
      } else if (wave > original() / low) {
        factors[pair] = (float) factor;
      } else {
        double smooth = (original() / wave - low) / (high - low);
        factors[pair] = (float) (1 / ((1 - smooth) / factor + smooth));
      }
    }
    return Optional.of(Rows.of(factors));
  }
}
