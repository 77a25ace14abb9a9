package dev.burhan.goldentests;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.backend.Backend;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Outcome;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/** A checkpoint's graphs run step by step, without an engine: for what an engine does not tell. */
final class Steps implements AutoCloseable {
  private static final int TOKENS_PER_PAGE = 16;

  private final Arena arena = Arena.ofConfined();
  private final BackendSelection.Opened opened;
  private final CheckpointWeightStore weights;
  private final ModelGraph model;

  /** Opens a model; a test whose model the backend has no kernels for is skipped. */
  Steps(Host host, Path folder, String backend, Map<String, String> options) {
    this(host, host.openCheckpoint(folder.toString(), Progress.NONE), backend, options);
  }

  /** The same with an open checkpoint, which is closed with it. */
  Steps(Host host, Checkpoint checkpoint, String backend, Map<String, String> options) {
    weights = new CheckpointWeightStore(checkpoint, host.memory());
    model = KernelEngine.architecture(host, checkpoint).graph(checkpoint);
    opened = new BackendSelection(host).open(Optional.of(backend), options);
    List<String> refusals = opened.backend().plan(model.graph(), limits(16)).refusals();
    if (!refusals.isEmpty()) {
      close();
      skip(checkpoint.path(), refusals);
    }
  }

  private static void skip(Path folder, List<String> refusals) {
    String reason = folder + " skipped: " + String.join("; ", refusals);
    System.out.println(reason);
    Assumptions.abort(reason);
  }

  /** Skips a test whose model the backend has no kernels for. */
  static void requireKernels(Host host, Path folder, String backend, Map<String, String> options) {
    new Steps(host, folder, backend, options).close();
  }

  ModelGraph model() {
    return model;
  }

  Backend backend() {
    return opened.backend();
  }

  private static Limits limits(int columns) {
    return new Limits(columns, 1, columns, columns, 16, TOKENS_PER_PAGE, 2, Map.of());
  }

  /** The nodes of one kind of op, each with its layer. */
  static Map<Integer, Node> byLayer(Graph graph, Class<? extends Op> op) {
    Map<Integer, Node> last = new LinkedHashMap<>();
    graph.nodes().stream()
        .filter(node -> op.isInstance(node.op()))
        .forEach(node -> last.put(node.layer(), node));
    return last;
  }

  /** Rows of each output of a step. */
  record Result(Map<String, MemorySegment> values, Map<String, Value> outputs, int columns) {
    float[][] rows(String name) {
      int width = outputs.get(name).width();
      float[] all = values.get(name).toArray(JAVA_FLOAT);
      float[][] rows = new float[columns][];
      for (int row = 0; row < columns; row++) {
        rows[row] = java.util.Arrays.copyOfRange(all, row * width, (row + 1) * width);
      }
      return rows;
    }

    int[] numbers(String name) {
      return values.get(name).toArray(JAVA_INT);
    }
  }

  /**
   * Runs tokens from position 0 on, all in one step, as a prompt's.
   *
   * @param traced further values to hand out, by a name for each
   * @param inputs rows of the graph's inputs
   */
  Result run(Graph graph, int[] ids, Map<String, Value> traced, Map<String, float[][]> inputs) {
    Map<String, Value> outputs = new LinkedHashMap<>(graph.outputs());
    outputs.putAll(traced);
    Graph whole = new Graph(graph.inputs(), graph.nodes(), graph.caches(), outputs);
    Map<String, MemorySegment> given = new HashMap<>();
    inputs.forEach((name, rows) -> given.put(name, segment(rows)));
    Map<String, MemorySegment> values = new HashMap<>();
    outputs.forEach(
        (name, value) -> values.put(name, arena.allocate(4L * ids.length * value.width(), 4)));
    TestBatch batch =
        new TestBatch(TOKENS_PER_PAGE)
            .add(0, Phase.PROMPT, pages(ids.length), ids)
            .logits(IntStream.range(0, ids.length).toArray());
    Map<String, MemorySegment> beside = new HashMap<>(values);
    beside.remove(Graph.LOGITS);
    try (Program program = backend().compile(backend().plan(whole, limits(ids.length)), weights)) {
      Outputs to = new Outputs(Optional.of(values.get(Graph.LOGITS)), Optional.empty(), beside);
      assertEquals(Outcome.DONE, program.step(batch, given, to, Stop.NEVER));
    }
    return new Result(values, outputs, ids.length);
  }

  /** Pages that are no neighbours. */
  private static int[] pages(int tokens) {
    return IntStream.range(0, Math.ceilDiv(tokens, TOKENS_PER_PAGE)).map(i -> i * 5 % 16).toArray();
  }

  private MemorySegment segment(float[][] rows) {
    MemorySegment segment = arena.allocate(JAVA_FLOAT, (long) rows.length * rows[0].length);
    for (int row = 0; row < rows.length; row++) {
      MemorySegment.copy(
          rows[row], 0, segment, JAVA_FLOAT, 4L * row * rows[0].length, rows[0].length);
    }
    return segment;
  }

  @Override
  public void close() {
    opened.backend().close();
    weights.close();
    arena.close();
  }
}
