package dev.burhan.kernel.bench;

import dev.burhan.backend.Plan;
import dev.burhan.model.ModelInfo;
import java.util.List;
import java.util.OptionalLong;

/**
 * What was measured of one model on one backend. The mean of a part that was left out is NaN.
 *
 * @param prefill tokens a second of the prompt
 * @param decodes the speeds of generating, by depth as asked; empty if that part was left out
 * @param firstToken seconds from the request to the first token
 * @param loadSeconds seconds to load the model, warm-up not included
 * @param bandwidth bytes a second that a plain read loop gets with as many threads
 * @param peakResident the most memory that was resident meanwhile
 */
record Measurement(
    String model,
    ModelInfo info,
    Plan plan,
    String backend,
    Workload workload,
    Statistics prefill,
    List<Decode> decodes,
    Statistics firstToken,
    double loadSeconds,
    double bandwidth,
    OptionalLong peakResident) {

  /**
   * What is run.
   *
   * @param prompt tokens of the prompt; 0 leaves that part out
   * @param generated tokens to generate; 0 leaves that part out
   * @param depths how many tokens the context holds when generating begins, one measurement each
   */
  record Workload(int prompt, int generated, int repetitions, List<Integer> depths) {
    Workload {
      depths = List.copyOf(depths);
    }

    /** Tokens that a sequence needs room for. */
    int context() {
      int deepest = depths.stream().mapToInt(Integer::intValue).max().orElse(0);
      return Math.max(prompt, generated > 0 ? Math.max(deepest, 1) + generated : 0) + 1;
    }
  }

  /**
   * Generating after so many tokens.
   *
   * @param rate tokens a second
   */
  record Decode(int depth, Statistics rate) {}

  Measurement {
    decodes = List.copyOf(decodes);
  }

  /** At the first depth that was asked for. */
  Statistics decode() {
    return decodes.isEmpty() ? Statistics.of() : decodes.getFirst().rate();
  }

  /** Bytes of weights a second that decoding reads. */
  double decodeBytesPerSecond() {
    return decode().mean() * plan.bytesPerToken();
  }

  /** Of what memory gives, how much decoding takes. */
  double bandwidthShare() {
    return decodeBytesPerSecond() / bandwidth;
  }
}
