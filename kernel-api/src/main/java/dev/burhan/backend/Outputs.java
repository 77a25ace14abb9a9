package dev.burhan.backend;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a step's results go.
 *
 * @param logits (logit rows, vocabulary) F32, at least that large; empty if tokens are sampled by
 *     the device
 * @param sampling what to sample, if the device samples
 * @param values further outputs of the graph by name, each (columns, width) F32: hidden rows for
 *     MTP, embeddings, a next stage
 */
public record Outputs(
    Optional<MemorySegment> logits,
    Optional<DeviceSampling> sampling,
    Map<String, MemorySegment> values) {

  /**
   * Sampling on a device, for programs whose plan says that they can.
   *
   * @param parameters per logit row: temperature, top-k, top-p, min-p as F32 and the seed and
   *     position as I64: 32 bytes
   * @param tokens (logit rows) I32, filled with the chosen tokens
   * @param logprobs (logit rows) F32, filled with their log-probabilities
   */
  public record DeviceSampling(
      MemorySegment parameters, MemorySegment tokens, MemorySegment logprobs) {}

  public Outputs {
    Objects.requireNonNull(logits, "logits");
    Objects.requireNonNull(sampling, "sampling");
    values = Map.copyOf(values);
  }

  public static Outputs logits(MemorySegment logits) {
    return new Outputs(Optional.of(logits), Optional.empty(), Map.of());
  }

  public static Outputs none() {
    return new Outputs(Optional.empty(), Optional.empty(), Map.of());
  }
}
