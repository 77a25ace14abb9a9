package dev.burhan.kernel.bench;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.kernel.bench.Measurement.Decode;
import dev.burhan.kernel.bench.Measurement.Loading;
import dev.burhan.kernel.bench.Measurement.Workload;
import dev.burhan.kernel.machine.MachineMemory;
import dev.burhan.kernel.machine.ReadBandwidth;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Measures a model as llama-bench does: a prompt of random tokens from an empty cache, and tokens
 * generated one by one from a cache that holds as many random tokens as asked (at least one), whose
 * time is not counted; each repeated, and the tokens a second averaged over the repetitions.
 * Choosing the token (greedily) and the engine's own work are part of the time here; llama-bench
 * leaves the first out.
 */
final class Benchmark {
  /** A new JVM's code is slow: it is run until it gets no faster. */
  private static final int MOST_WARM_UPS = 6;

  private static final double FASTER = 1.03;

  /**
   * Further prompts of the warm-up. Code that has seen one length alone can be twice as fast as
   * what the compilers make of a server's mixture: that would be a figure nobody meets again.
   */
  private static final int[] OTHER_PROMPTS = {5, 33};

  /** On a slow machine one round is warm enough, and long enough. */
  private static final double MOST_WARM_UP_SECONDS = 20;

  private final Host host;
  private final Workload workload;
  private final Progress progress;
  private final ReadBandwidth.Measure bandwidth;
  private int runs;

  Benchmark(Host host, Workload workload, Progress progress, ReadBandwidth.Measure bandwidth) {
    this.bandwidth = bandwidth;
    this.host = host;
    this.workload = workload;
    this.progress = progress;
  }

  Measurement measure(LoadRequest request) throws InterruptedException {
    int threads =
        request.threads() > 0 ? request.threads() : Runtime.getRuntime().availableProcessors();
    // Before and after, so that its memory is not in the peak.
    double before = bandwidth.measure(host.memory(), threads);
    MachineMemory.resetPeakResident();
    OptionalLong residentBefore = MachineMemory.resident();
    try (LoadedModel model = host.engine().load(request, progress)) {
      Loading loading =
          new Loading(
              model
                  .loading()
                  .orElseThrow(() -> new BurhanException("the engine does not time loading")),
              residentBefore,
              MachineMemory.resident(),
              MachineMemory.peakResident());
      model.settle();
      warmUp(model);
      int repetitions = workload.repetitions();
      double[] prefill = new double[workload.prompt() > 0 ? repetitions : 0];
      double[] first = new double[prefill.length];
      double[][] decode =
          new double[workload.generated() > 0 ? workload.depths().size() : 0][repetitions];
      int[] drafted = new int[decode.length];
      int[] accepted = new int[decode.length];
      ParallelRuns parallel = new ParallelRuns(model, workload);
      for (int i = 0; i < repetitions; i++) {
        if (prefill.length > 0) {
          Run run = run(model, workload.prompt(), 1);
          prefill[i] = workload.prompt() / run.prefillSeconds();
          first[i] = run.firstTokenSeconds();
        }
        for (int d = 0; d < decode.length; d++) {
          Run run = decode(model, workload.depths().get(d));
          decode[d][i] = workload.generated() / run.decodeSeconds();
          drafted[d] += run.usage().drafted();
          accepted[d] += run.usage().accepted();
        }
        parallel.run(this::tokens);
        progress.update("measuring " + model.backend(), i + 1, repetitions);
      }
      OptionalLong peak = MachineMemory.peakResident();
      double after = bandwidth.measure(host.memory(), threads);
      return new Measurement(
          model.name(),
          model.info(),
          model.plan(),
          model.backend(),
          workload,
          Statistics.of(prefill),
          IntStream.range(0, decode.length)
              .mapToObj(
                  d ->
                      new Decode(
                          workload.depths().get(d),
                          Statistics.of(decode[d]),
                          drafted[d],
                          accepted[d]))
              .toList(),
          Statistics.of(first),
          parallel.measured(),
          loading,
          Math.max(before, after),
          peak);
    }
  }

  private void warmUp(LoadedModel model) throws InterruptedException {
    double last = Double.MAX_VALUE;
    double spent = 0;
    for (int i = 0; i < MOST_WARM_UPS; i++) {
      progress.update("warming up " + model.backend(), i, MOST_WARM_UPS);
      double seconds = 0;
      if (workload.prompt() > 0) {
        seconds += run(model, workload.prompt(), 1).prefillSeconds();
      }
      if (workload.generated() > 0) {
        seconds += decode(model, 0).decodeSeconds();
      }
      for (int other : OTHER_PROMPTS) {
        run(model, Math.min(other, workload.context() - 1), 1);
      }
      seconds += new ParallelRuns(model, workload).run(this::tokens);
      spent += seconds;
      if (last < FASTER * seconds || spent > MOST_WARM_UP_SECONDS) {
        break;
      }
      last = seconds;
    }
    progress.update("warming up " + model.backend(), MOST_WARM_UPS, MOST_WARM_UPS);
  }

  /** The times of one generation. */
  private record Run(
      double prefillSeconds,
      double decodeSeconds,
      double firstTokenSeconds,
      GenerationEvent.Usage usage) {}

  /** The first token comes with the prompt: its time is not the generation's. */
  private Run decode(LoadedModel model, int depth) throws InterruptedException {
    return run(model, Math.max(1, depth), workload.generated() + 1);
  }

  /** Every token counts: one that ended early would be taken for quick. */
  static void check(GenerationEvent.Finished finished, int generated) {
    if (finished == null || finished.usage().generated() != generated) {
      throw new BurhanException(
          "a generation of the benchmark ended early: expected "
              + generated
              + " tokens, found "
              + (finished == null ? 0 : finished.usage().generated())
              + "; is a content policy at work?");
    }
  }

  private List<Integer> tokens(LoadedModel model, int count) {
    return new Random(runs++).ints(count, 0, model.info().vocabulary()).boxed().toList();
  }

  static GenerationRequest request(List<Integer> prompt, int generated) {
    return new GenerationRequest(
        prompt, generated, SamplingParameters.greedy(), List.of(), true, Map.of());
  }

  private Run run(LoadedModel model, int prompt, int generated) throws InterruptedException {
    // Other tokens each time: nothing may be answered from a cache.
    GenerationRequest request = request(tokens(model, prompt), generated);
    long asked = System.nanoTime();
    long first = 0;
    GenerationEvent.Finished finished = null;
    try (Generation generation = model.generate(request)) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        if (first == 0 && !(event instanceof GenerationEvent.Started)) {
          first = System.nanoTime();
        }
        finished = event instanceof GenerationEvent.Finished end ? end : finished;
      }
    }
    check(finished, generated);
    return new Run(
        finished.timings().prefill() / 1e9,
        finished.timings().decode() / 1e9,
        (first - asked) / 1e9,
        finished.usage());
  }
}
