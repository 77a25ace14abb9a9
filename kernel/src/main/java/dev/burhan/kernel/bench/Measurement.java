package dev.burhan.kernel.bench;

import dev.burhan.backend.Plan;
import dev.burhan.model.ModelInfo;
import java.util.OptionalLong;

/**
 * What was measured of one model on one backend. The mean of a part that was left out is NaN.
 *
 * @param prefill tokens a second of the prompt
 * @param decode tokens a second of the generation
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
    Statistics decode,
    Statistics firstToken,
    double loadSeconds,
    double bandwidth,
    OptionalLong peakResident) {

  /**
   * What is run.
   *
   * @param prompt tokens of the prompt; 0 leaves that part out
   * @param generated tokens to generate; 0 leaves that part out
   */
  record Workload(int prompt, int generated, int repetitions) {}

  /** Bytes of weights a second that decoding reads. */
  double decodeBytesPerSecond() {
    return decode.mean() * plan.bytesPerToken();
  }

  /** Of what memory gives, how much decoding takes. */
  double bandwidthShare() {
    return decodeBytesPerSecond() / bandwidth;
  }
}
