package dev.burhan.kernel.bench;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.ModelStatistics;
import dev.burhan.kernel.bench.Measurement.Parallel;
import dev.burhan.kernel.bench.Measurement.Workload;
import dev.burhan.provider.BurhanException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sequences that generate at once. Times are the engine's own, of each sequence: this thread only
 * asks, and takes what came afterwards, so that it takes nothing from the model.
 */
final class ParallelRuns {
  private final LoadedModel model;
  private final Workload workload;
  private final List<Double> rates = new ArrayList<>();
  private long stepNanos;
  private long kernelNanos;

  ParallelRuns(LoadedModel model, Workload workload) {
    this.model = model;
    this.workload = workload;
  }

  /** Makes a prompt of so many tokens, another one each time. */
  @FunctionalInterface
  interface Prompts {
    List<Integer> tokens(LoadedModel model, int count);
  }

  /** A sequence, and when it was asked for. */
  private record Asked(Generation generation, long nanos) {}

  /**
   * Runs them once, if the workload has any.
   *
   * @return seconds from the first one's first token to the last one's last; 0 without any
   */
  double run(Prompts prompts) throws InterruptedException {
    if (workload.parallel() < 2 || workload.generated() == 0) {
      return 0;
    }
    int prompt = Math.max(1, workload.depths().getFirst());
    int generated = workload.generated() + 1; // the first comes with the prompt
    ModelStatistics before = model.statistics();
    List<Asked> asked = new ArrayList<>();
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    try {
      for (int i = 0; i < workload.parallel(); i++) {
        var request = Benchmark.request(prompts.tokens(model, prompt), generated);
        asked.add(new Asked(model.generate(request), System.nanoTime()));
      }
      for (Asked sequence : asked) {
        GenerationEvent.Finished finished = drain(sequence.generation(), generated);
        long firstToken =
            sequence.nanos() + finished.timings().queued() + finished.timings().prefill();
        first = Math.min(first, firstToken);
        last = Math.max(last, firstToken + finished.timings().decode());
      }
    } finally {
      asked.forEach(sequence -> sequence.generation().close());
    }
    ModelStatistics after = model.statistics();
    stepNanos += after.stepNanos() - before.stepNanos();
    kernelNanos += after.kernelNanos() - before.kernelNanos();
    double seconds = (last - first) / 1e9;
    rates.add(workload.parallel() * (double) workload.generated() / seconds);
    return seconds;
  }

  private static GenerationEvent.Finished drain(Generation generation, int generated)
      throws InterruptedException {
    GenerationEvent.Finished finished = null;
    for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
      finished = event instanceof GenerationEvent.Finished end ? end : finished;
    }
    Benchmark.check(finished, generated);
    return finished;
  }

  /** What all runs gave. */
  Optional<Parallel> measured() {
    if (rates.isEmpty()) {
      return Optional.empty();
    }
    if (model.plan().limits().sequences() < workload.parallel()) {
      throw new BurhanException(
          "%d sequences were asked for at once, but the model was loaded for %d"
              .formatted(workload.parallel(), model.plan().limits().sequences()));
    }
    return Optional.of(
        new Parallel(
            workload.parallel(),
            Statistics.of(rates.stream().mapToDouble(Double::doubleValue).toArray()),
            stepNanos == 0 ? Double.NaN : 1 - (double) kernelNanos / stepNanos));
  }
}
