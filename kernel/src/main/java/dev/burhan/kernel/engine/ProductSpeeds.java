package dev.burhan.kernel.engine;

import dev.burhan.backend.Backend;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.scheduler.Sequence;
import dev.burhan.kernel.scheduler.StepRunner;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.provider.HostMemory;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.Map;
import java.util.Optional;

/**
 * How fast a backend multiplies by weights of one type, on one thread and from its caches: a tiny
 * graph with random weights, compiled and run as every other. What is slow here is the kernel, not
 * the memory.
 */
public final class ProductSpeeds {
  private static final int ROWS = 128;
  private static final int COLS = 1024; // a whole number of blocks of every type
  private static final int PRODUCTS = 8; // by one weight: so much work that a step's own is little
  private static final long STEP = (long) PRODUCTS * ROWS * COLS; // multiply-adds a column

  private static final int VOCABULARY = 8;
  private static final int CONTEXT = 1024;
  private static final Limits LIMITS = new Limits(64, 1, 1, CONTEXT, CONTEXT / 64, 64, 1, Map.of());

  /** Prompts of several lengths: what is compiled must be good for all of them. */
  private static final int[] LENGTHS = {64, 5, 1, 33};

  private static final int GENERATED = 16;

  private final Backend backend;
  private final HostMemory memory;
  private final long quiet; // nanoseconds without a gain after which no more is hoped for
  private final long most; // nanoseconds a type

  public ProductSpeeds(Backend backend, HostMemory memory) {
    this(backend, memory, 500_000_000, 4_000_000_000L);
  }

  ProductSpeeds(Backend backend, HostMemory memory, long quiet, long most) {
    this.backend = backend;
    this.memory = memory;
    this.quiet = quiet;
    this.most = most;
  }

  /**
   * The best that was seen, in multiply-adds a second.
   *
   * @param generated of one column, as in decoding
   * @param prompt of 64 columns
   */
  public record Speed(DataType type, double generated, double prompt) {}

  /** Measures weights of one type; empty if the backend does not run them. */
  public Optional<Speed> measure(DataType type) {
    if (COLS % type.blockElements() != 0) {
      return Optional.empty();
    }
    try (RandomCheckpoint checkpoint =
            new RandomCheckpoint()
                .tensor("table", DataType.F32, Shape.of(VOCABULARY, COLS))
                .tensor("weight", type, Shape.of(ROWS, COLS));
        CheckpointWeightStore weights = new CheckpointWeightStore(checkpoint, memory)) {
      Plan plan = backend.plan(graph(type).build(), LIMITS);
      if (!plan.possible()) {
        return Optional.empty();
      }
      try (Program program = backend.compile(plan, weights);
          StepRunner steps = new StepRunner(program, VOCABULARY, memory)) {
        return Optional.of(new Run(steps).best(type));
      }
    }
  }

  private static GraphBuilder graph(DataType type) {
    GraphBuilder graph = new GraphBuilder();
    Weight table = weight("table", DataType.F32, Shape.of(VOCABULARY, COLS), Weight.Use.GATHER);
    Weight weight = weight("weight", type, Shape.of(ROWS, COLS), Weight.Use.MATRIX);
    Value x = graph.embed("x", table);
    for (int i = 0; i < PRODUCTS; i++) {
      graph.output("y" + i, graph.linear("y" + i, x, weight, Optional.empty()));
    }
    return graph;
  }

  private static Weight weight(String name, DataType type, Shape shape, Weight.Use use) {
    return new Weight(name, type, shape, new Source.Stored(name), use);
  }

  private final class Run {
    private final StepRunner steps;
    private long prompt = Long.MAX_VALUE; // nanoseconds of the longest
    private long generated = Long.MAX_VALUE; // nanoseconds a token

    Run(StepRunner steps) {
      this.steps = steps;
    }

    Speed best(DataType type) {
      long started = System.nanoTime();
      long gained = started;
      for (long now = started; now - gained < quiet && now - started < most; ) {
        boolean faster = round();
        now = System.nanoTime();
        gained = faster ? now : gained;
      }
      return new Speed(type, STEP / (generated / 1e9), (double) STEP * LENGTHS[0] / (prompt / 1e9));
    }

    /** Whether anything was faster than before, by more than chance. */
    private boolean round() {
      boolean faster = false;
      for (int length : LENGTHS) {
        try (Sequence sequence = steps.begin(new int[length])) {
          long took = step(sequence, length);
          if (length == LENGTHS[0]) {
            faster |= took < prompt * 0.97;
            prompt = Math.min(prompt, took);
          }
          for (int i = 0; i < GENERATED; i++) {
            sequence.append(i % VOCABULARY);
            took = step(sequence, 1);
            faster |= took < generated * 0.97;
            generated = Math.min(generated, took);
          }
        }
      }
      return faster;
    }

    private long step(Sequence sequence, int count) {
      long begun = System.nanoTime();
      steps.step(sequence, count, 0, Stop.NEVER);
      return System.nanoTime() - begun;
    }
  }
}
