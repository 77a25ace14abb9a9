package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.burhan.backend.Batch;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a decoded token leaves to the garbage collector, on all threads that work on it. One model a
 * JVM: what another one has taught the compiler first is not what users run.
 */
abstract class Allocation {
  private static final double MOST_BYTES = 64;
  private static final int STEPS = 1000;
  private static final int CONTEXT = 256;

  /** Until the code is compiled, vectors are objects: it is run until a round is free of them. */
  private static final int MOST_ROUNDS = 60;

  private static final int ROUND = 300;

  final Host host = new FlatHost();

  /** Prints what it measured. */
  void measure(String name, String model) throws Exception {
    double step = ofAProgram(model);
    double token = ofTheEngine(model);
    System.out.printf(
        "%s: %.1f bytes a step of the program, %.0f a token with sampling and events%n",
        name, step, token);
    assertTrue(step < MOST_BYTES, step + " bytes a step");
  }

  private double ofAProgram(String model) throws Exception {
    try (Checkpoint checkpoint = host.openCheckpoint(model, Progress.NONE);
        CheckpointWeightStore weights = new CheckpointWeightStore(checkpoint, host.memory());
        Arena arena = Arena.ofShared()) {
      ModelGraph graph = KernelEngine.architecture(host, checkpoint).graph(checkpoint);
      LoadRequest request = new LoadRequest(model, Optional.of("vector"), 2, CONTEXT, Map.of());
      try (var backend =
              new BackendSelection(host).open(request.backend(), request.options()).backend();
          Program program =
              backend.compile(
                  backend.plan(graph.graph(), KernelEngine.limits(request, graph)), weights)) {
        int rows = program.plan().limits().logitRows();
        MemorySegment logits = arena.allocate(4L * rows * graph.info().vocabulary(), 64);
        return bytesPerStep(program, Outputs.logits(logits));
      }
    }
  }

  private static double bytesPerStep(Program program, Outputs outputs) {
    OneToken batch = new OneToken(program.plan().limits().tokensPerPage());
    for (int round = 0; round < MOST_ROUNDS; round++) {
      long before = allocated();
      steps(program, outputs, batch, ROUND);
      if (allocated() - before < ROUND * MOST_BYTES) {
        break;
      }
    }
    long before = allocated();
    steps(program, outputs, batch, STEPS);
    return (double) (allocated() - before) / STEPS;
  }

  private static void steps(Program program, Outputs outputs, OneToken batch, int count) {
    for (int i = 0; i < count; i++) {
      batch.position = i % CONTEXT;
      program.step(batch, Map.of(), outputs, Stop.NEVER);
    }
  }

  private double ofTheEngine(String model) throws Exception {
    int tokens = CONTEXT - 2;
    try (LoadedModel loaded =
        host.engine()
            .load(
                new LoadRequest(model, Optional.of("vector"), 2, CONTEXT, Map.of()),
                Progress.NONE)) {
      long before = 0;
      for (int round = 0; round < 2; round++) {
        before = allocated();
        GenerationRequest request =
            new GenerationRequest(
                List.of(1), tokens, SamplingParameters.greedy(), List.of(), true, Map.of());
        try (Generation generation = loaded.generate(request)) {
          while (generation.next() != null) {
            // until the end
          }
        }
      }
      return (double) (allocated() - before) / tokens;
    }
  }

  /** By this thread, the models' threads and the workers, so far. */
  private static long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("burhan")) {
        bytes += threads.getThreadAllocatedBytes(thread.threadId());
      }
    }
    return bytes + threads.getCurrentThreadAllocatedBytes();
  }

  /** A generated token at a position of one sequence. */
  private static final class OneToken implements Batch {
    private final int tokensPerPage;
    private int position;

    OneToken(int tokensPerPage) {
      this.tokensPerPage = tokensPerPage;
    }

    @Override
    public int sequences() {
      return 1;
    }

    @Override
    public int columns() {
      return 1;
    }

    @Override
    public int firstColumn(int sequence) {
      return sequence;
    }

    @Override
    public int sequence(int column) {
      return 0;
    }

    @Override
    public int position(int column) {
      return position;
    }

    @Override
    public int token(int column) {
      return position % 100;
    }

    @Override
    public Phase phase(int column) {
      return Phase.GENERATED;
    }

    @Override
    public int pages(int sequence) {
      return position / tokensPerPage + 1;
    }

    @Override
    public int page(int sequence, int index) {
      return index;
    }

    @Override
    public int adapter(int sequence) {
      return 0;
    }

    @Override
    public int logitRows() {
      return 1;
    }

    @Override
    public int logitColumn(int row) {
      return 0;
    }

    @Override
    public MemorySegment raw() {
      throw new UnsupportedOperationException();
    }
  }
}
