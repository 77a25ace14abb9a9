package dev.burhan.kernel.bench;

import dev.burhan.backend.Plan;
import dev.burhan.engine.LoadReport;
import dev.burhan.model.ModelInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What was measured of one model on one backend. The mean of a part that was left out is NaN.
 *
 * @param prefill tokens a second of the prompt
 * @param decodes the speeds of generating, by depth as asked; empty if that part was left out
 * @param firstToken seconds from the request to the first token
 * @param parallel the speed of several sequences at once, where asked for
 * @param loading how the model was loaded, warm-up not included
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
    Optional<Parallel> parallel,
    Loading loading,
    double bandwidth,
    OptionalLong peakResident) {

  /**
   * What is run.
   *
   * @param prompt tokens of the prompt; 0 leaves that part out
   * @param generated tokens to generate; 0 leaves that part out
   * @param depths how many tokens the context holds when generating begins, one measurement each
   * @param parallel how many sequences generate at once besides, at the first depth; 1 for none
   */
  record Workload(int prompt, int generated, int repetitions, List<Integer> depths, int parallel) {
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
   * @param drafted tokens that were guessed ahead in all repetitions
   * @param accepted how many of them were right
   */
  record Decode(int depth, Statistics rate, int drafted, int accepted) {

    /** The share of guesses that were right; NaN if there were none. */
    double acceptance() {
      return drafted == 0 ? Double.NaN : (double) accepted / drafted;
    }
  }

  /**
   * Several sequences that generate at once.
   *
   * @param rate tokens a second of all together, from the first one's first token to the last one's
   *     last
   * @param engineShare of the time in steps, what was not the program's own
   */
  record Parallel(int sequences, Statistics rate, double engineShare) {}

  /** How much more several sequences generate than one. */
  double parallelRatio() {
    return parallel.map(several -> several.rate().mean() / decode().mean()).orElse(Double.NaN);
  }

  /**
   * Loading, and what it left in memory, where the system tells.
   *
   * @param residentBefore bytes that the process had resident before: the JVM's own
   * @param resident bytes that were resident afterwards, mapped files included
   * @param peakResident the most that were meanwhile
   */
  record Loading(
      LoadReport report,
      OptionalLong residentBefore,
      OptionalLong resident,
      OptionalLong peakResident) {

    /** The most that was resident, of the file's bytes. */
    OptionalDouble peakShareOfFile() {
      return peakResident.isPresent() && report.fileBytes() > 0
          ? OptionalDouble.of((double) peakResident.getAsLong() / report.fileBytes())
          : OptionalDouble.empty();
    }

    /** The same without what was resident before: what the model itself took. */
    OptionalDouble growthShareOfFile() {
      return peakShareOfFile().isPresent() && residentBefore.isPresent()
          ? OptionalDouble.of(
              peakShareOfFile().getAsDouble()
                  - (double) residentBefore.getAsLong() / report.fileBytes())
          : OptionalDouble.empty();
    }
  }

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
