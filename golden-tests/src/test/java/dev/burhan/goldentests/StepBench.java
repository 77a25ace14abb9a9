package dev.burhan.goldentests;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.LoadRequest;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What steps of several generated tokens cost, without an engine. Not a test: run its main method
 * with a model's file and shapes, such as {@code 8x1} for eight sequences of one token each and
 * {@code 1x16} for sixteen of one sequence (what speculation checks), each with logits. Properties:
 * {@code threads}, {@code depth} (tokens of context before), {@code rounds}, {@code steps} a round.
 *
 * <p>Rounds of all shapes alternate, so that what else the machine does meets all alike; printed is
 * the median of the rounds.
 */
final class StepBench {
  private static final int THREADS = Integer.getInteger("threads", 2);
  private static final int DEPTH = Integer.getInteger("depth", 64);
  private static final int ROUNDS = Integer.getInteger("rounds", 9);
  private static final int STEPS = Integer.getInteger("steps", 8);
  private static final int WARM_UP = Integer.getInteger("warmup", 4);
  private static final int MOST_COLUMNS = 64;
  private static final int MOST_SEQUENCES = 64;

  private StepBench() {}

  /** Sequences of as many generated tokens each. */
  private record Shape(int sequences, int tokens) {
    static Shape of(String text) {
      String[] numbers = text.split("x");
      return new Shape(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    }

    @Override
    public String toString() {
      return sequences + "x" + tokens;
    }
  }

  public static void main(String[] args) throws Exception {
    Host host = new FlatHost();
    List<Shape> shapes = Arrays.stream(args).skip(1).map(Shape::of).toList();
    try (Checkpoint checkpoint = host.openCheckpoint(args[0], Progress.NONE);
        CheckpointWeightStore weights = new CheckpointWeightStore(checkpoint, host.memory());
        Arena arena = Arena.ofShared()) {
      ModelGraph graph = KernelEngine.architecture(host, checkpoint).graph(checkpoint);
      LoadRequest request =
          new LoadRequest(args[0], Optional.of("vector"), THREADS, DEPTH + MOST_COLUMNS, Map.of());
      Limits one = KernelEngine.limits(request, graph);
      Limits limits =
          new Limits(
              MOST_COLUMNS,
              MOST_SEQUENCES,
              MOST_COLUMNS,
              one.context(),
              MOST_SEQUENCES * one.pages(),
              one.tokensPerPage(),
              THREADS,
              one.planes());
      try (var backend =
              new BackendSelection(host).open(request.backend(), request.options()).backend();
          Program program = backend.compile(backend.plan(graph.graph(), limits), weights)) {
        MemorySegment logits = arena.allocate(4L * MOST_COLUMNS * graph.info().vocabulary(), 64);
        measure(program, Outputs.logits(logits), shapes);
      }
    }
  }

  private static void measure(Program program, Outputs outputs, List<Shape> shapes) {
    long end = System.nanoTime() + WARM_UP * 1_000_000_000L;
    while (System.nanoTime() < end) {
      for (Shape shape : shapes) {
        milliseconds(program, outputs, shape, 4);
      }
    }
    List<double[]> times = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      times.add(
          shapes.stream().mapToDouble(s -> milliseconds(program, outputs, s, STEPS)).toArray());
    }
    System.out.printf("%d threads, %d tokens of context%n", THREADS, DEPTH);
    System.out.println("shape   ms a step  of the first  tokens/s  of the first");
    double first = 0;
    for (int i = 0; i < shapes.size(); i++) {
      int which = i;
      double[] sorted = times.stream().mapToDouble(round -> round[which]).sorted().toArray();
      double median = sorted[sorted.length / 2];
      first = i == 0 ? median : first;
      int tokens = shapes.get(i).sequences() * shapes.get(i).tokens();
      int firstTokens = shapes.getFirst().sequences() * shapes.getFirst().tokens();
      System.out.printf(
          "%-7s %9.2f %13.2f %9.1f %13.2f%n",
          shapes.get(i),
          median,
          median / first,
          1000 * tokens / median,
          first / median * tokens / firstTokens);
    }
  }

  private static double milliseconds(Program program, Outputs outputs, Shape shape, int steps) {
    Generated batch = new Generated(shape, program.plan().limits());
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      program.step(batch, Map.of(), outputs, Stop.NEVER);
    }
    return (System.nanoTime() - start) / 1e6 / steps;
  }

  /** Generated tokens after {@link #DEPTH} others, whose keys are whatever the cache holds. */
  private record Generated(Shape shape, Limits limits) implements Batch {
    @Override
    public int sequences() {
      return shape.sequences();
    }

    @Override
    public int columns() {
      return shape.sequences() * shape.tokens();
    }

    @Override
    public int firstColumn(int sequence) {
      return sequence * shape.tokens();
    }

    @Override
    public int sequence(int column) {
      return column / shape.tokens();
    }

    @Override
    public int position(int column) {
      return DEPTH + column % shape.tokens();
    }

    @Override
    public int token(int column) {
      return 100 + 7 * column;
    }

    @Override
    public Phase phase(int column) {
      return Phase.GENERATED;
    }

    @Override
    public int pages(int sequence) {
      return Math.ceilDiv(DEPTH + shape.tokens(), limits.tokensPerPage());
    }

    @Override
    public int page(int sequence, int index) {
      return index * MOST_SEQUENCES + sequence;
    }

    @Override
    public int adapter(int sequence) {
      return 0;
    }

    @Override
    public int logitRows() {
      return columns();
    }

    @Override
    public int logitColumn(int row) {
      return row;
    }

    @Override
    public MemorySegment raw() {
      throw new UnsupportedOperationException();
    }
  }
}
