package dev.burhan.backendtck;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

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
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.kernel.sampling.Sampler;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A checkpoint's graphs run step by step, without an engine: for what an engine does not tell. */
public final class ModelSteps implements AutoCloseable {
  private static final int TOKENS_PER_PAGE = 16;
  private static final int PAGES = 16;

  private final Arena arena = Arena.ofConfined();
  private final Backend backend;
  private final CheckpointWeightStore weights;
  private final ModelGraph model;

  /**
   * Reads the checkpoint's graph.
   *
   * @param checkpoint closed with this
   * @param backend the caller's, who closes it afterwards
   */
  public ModelSteps(Host host, Checkpoint checkpoint, Backend backend) {
    this.backend = backend;
    weights = new CheckpointWeightStore(checkpoint, host.memory());
    try {
      model = KernelEngine.architecture(host, checkpoint).graph(checkpoint);
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  public ModelGraph model() {
    return model;
  }

  /** Why the backend does not run the model; empty if it does. */
  public List<String> refusals() {
    return backend.plan(model.graph(), limits(TOKENS_PER_PAGE)).refusals();
  }

  private static Limits limits(int columns) {
    return new Limits(
        columns, 1, columns, PAGES * TOKENS_PER_PAGE, PAGES, TOKENS_PER_PAGE, 2, Map.of());
  }

  /** The last node of one kind of op of each layer. */
  public static Map<Integer, Node> byLayer(Graph graph, Class<? extends Op> op) {
    Map<Integer, Node> last = new LinkedHashMap<>();
    graph.nodes().stream()
        .filter(node -> op.isInstance(node.op()))
        .forEach(node -> last.put(node.layer(), node));
    return last;
  }

  /** Rows of each output of a step. */
  public record Result(Map<String, MemorySegment> values, Map<String, Value> outputs, int columns) {
    public float[][] rows(String name) {
      int width = outputs.get(name).width();
      float[] all = values.get(name).toArray(JAVA_FLOAT);
      float[][] rows = new float[columns][];
      for (int row = 0; row < columns; row++) {
        rows[row] = Arrays.copyOfRange(all, row * width, (row + 1) * width);
      }
      return rows;
    }

    public int[] numbers(String name) {
      return values.get(name).toArray(JAVA_INT);
    }
  }

  /**
   * Runs tokens from position 0 on, all in one step, as a prompt's.
   *
   * @param traced further values to hand out, by a name for each
   * @param inputs rows of the graph's inputs
   */
  public Result run(
      Graph graph, int[] ids, Map<String, Value> traced, Map<String, float[][]> inputs) {
    Map<String, Value> outputs = new LinkedHashMap<>(graph.outputs());
    outputs.putAll(traced);
    Graph whole = new Graph(graph.inputs(), graph.nodes(), graph.caches(), outputs);
    Map<String, MemorySegment> given = new HashMap<>();
    inputs.forEach((name, rows) -> given.put(name, segment(rows)));
    try (Program program = compile(whole, ids.length)) {
      return step(program, prompt(ids), given, outputs);
    }
  }

  private Program compile(Graph graph, int columns) {
    return backend.compile(backend.plan(graph, limits(columns)), weights);
  }

  private static TestBatch prompt(int[] ids) {
    return new TestBatch(TOKENS_PER_PAGE)
        .add(0, Phase.PROMPT, pages(), ids)
        .logits(IntStream.range(0, ids.length).toArray());
  }

  private Result step(
      Program program,
      TestBatch batch,
      Map<String, MemorySegment> inputs,
      Map<String, Value> outputs) {
    Map<String, MemorySegment> values = new HashMap<>();
    outputs.forEach(
        (name, value) -> values.put(name, arena.allocate(4L * batch.columns() * value.width(), 4)));
    Map<String, MemorySegment> beside = new HashMap<>(values);
    beside.remove(Graph.LOGITS);
    Outputs to = new Outputs(Optional.of(values.get(Graph.LOGITS)), Optional.empty(), beside);
    Outcome outcome = program.step(batch, inputs, to, Stop.NEVER);
    Check.require(outcome == Outcome.DONE, "a step ended as " + outcome);
    return new Result(values, outputs, batch.columns());
  }

  /** A prompt's logits and the tokens of its greedy continuation. */
  public record Continuation(float[][] logits, int[] tokens) {}

  /**
   * Runs prompts one after another in one program, each in one step, and goes on with the best
   * token, end of text or not.
   *
   * @param count tokens to generate
   */
  public List<Continuation> continuations(List<int[]> prompts, int count) {
    int columns = prompts.stream().mapToInt(ids -> ids.length).max().orElseThrow();
    Map<String, Value> outputs = model.graph().outputs();
    try (Program program = compile(model.graph(), columns)) {
      return prompts.stream()
          .map(
              ids -> {
                float[][] logits = step(program, prompt(ids), Map.of(), outputs).rows(Graph.LOGITS);
                int[] tokens = new int[count];
                float[] last = logits[ids.length - 1];
                for (int i = 0; i < count; i++) {
                  tokens[i] = Sampler.argmax(last);
                  TestBatch next =
                      new TestBatch(TOKENS_PER_PAGE)
                          .add(ids.length + i, Phase.GENERATED, pages(), tokens[i])
                          .logits(0);
                  last = step(program, next, Map.of(), outputs).rows(Graph.LOGITS)[0];
                }
                return new Continuation(logits, tokens);
              })
          .toList();
    }
  }

  /** Pages that are no neighbours. */
  private static int[] pages() {
    return IntStream.range(0, PAGES).map(i -> i * 5 % PAGES).toArray();
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
    weights.close();
    arena.close();
  }
}
