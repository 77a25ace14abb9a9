package dev.burhan.modelr1;

import dev.burhan.checkpoint.Metadata;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.modelr1.Settings.Rotary;

/**
 * Rotary settings from config.json: in {@code rope_theta} and {@code rope_scaling}, or, since
 * transformers 5, together in {@code rope_parameters}.
 */
final class ConfigJsonRotary {
  private final Metadata metadata;
  private final Bounds bounds;
  private final String rope; // what the keys begin with

  ConfigJsonRotary(Metadata metadata, Bounds bounds) {
    this.metadata = metadata;
    this.bounds = bounds;
    this.rope =
        metadata.keys().stream().anyMatch(key -> key.startsWith("rope_parameters."))
            ? "rope_parameters."
            : "rope_scaling.";
  }

  private String typeKey() {
    return rope + (metadata.has(rope + "rope_type") ? "rope_type" : "type");
  }

  private String type() {
    return metadata.string(typeKey(), "default");
  }

  /** The context, which YaRN's settings may extend. */
  int context() {
    int context = bounds.context("max_position_embeddings");
    if (!type().equals("yarn")) {
      return context;
    }
    double extended = original() * bounds.positive(rope + "factor");
    return (int) Math.min(Math.max(context, extended), Integer.MAX_VALUE);
  }

  private int original() {
    String key = rope + "original_max_position_embeddings";
    return bounds.context(metadata.has(key) ? key : "max_position_embeddings");
  }

  private double theta() {
    return bounds.positive(
        metadata.has(rope + "rope_theta") ? rope + "rope_theta" : "rope_theta", 10_000);
  }

  /**
   * The rotation.
   *
   * @param dims rotated dimensions of a head
   */
  Rotary read(int dims) {
    boolean interleaved = metadata.bool("rope_interleave", true);
    float[] plain = Yarn.plain(theta(), dims);
    Rotary rotary =
        switch (type()) {
          case "default" -> new Rotary(new InverseFrequencies(plain), 1, 1, interleaved);
          case "yarn" -> yarn(plain, interleaved);
          default -> throw bounds.wrong(typeKey(), "default or yarn", "'" + type() + "'");
        };
    return bounds.finite(rope.substring(0, rope.length() - 1), rotary);
  }

  private Rotary yarn(float[] plain, boolean interleaved) {
    if (!metadata.bool(rope + "truncate", true)) {
      throw bounds.wrong(rope + "truncate", "true", "false");
    }
    double factor = bounds.positive(rope + "factor");
    float[] frequencies =
        Yarn.scaled(
            plain,
            factor,
            bounds.positive(rope + "beta_fast", 32),
            bounds.positive(rope + "beta_slow", 1),
            original(),
            theta());
    double all = Yarn.magnitude(factor, metadata.real(rope + "mscale_all_dim", 0));
    double scale =
        metadata.has(rope + "attention_factor")
            ? bounds.positive(rope + "attention_factor")
            : Yarn.magnitude(factor, metadata.real(rope + "mscale", 1)) / all;
    return new Rotary(new InverseFrequencies(frequencies), (float) scale, all * all, interleaved);
  }
}
