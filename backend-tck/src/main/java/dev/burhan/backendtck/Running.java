package dev.burhan.backendtck;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.burhan.backend.Backend;
import dev.burhan.backend.Outcome;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.backend.WeightStore;
import dev.burhan.backendtck.Story.Piece;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Value;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A trial's program, run step by step. One caller at a time. */
final class Running implements AutoCloseable {
  private final Trial trial;
  private final Graph graph;
  private final Program program;
  private final Arena arena = Arena.ofShared();
  private final Map<String, MemorySegment> inputs = new HashMap<>();
  private final Map<String, MemorySegment> outputs = new LinkedHashMap<>();

  /**
   * Compiles the graph.
   *
   * @param weights of the trial's checkpoint; the caller's
   */
  Running(Backend backend, Trial trial, Graph graph, WeightStore weights, int threads) {
    this.trial = trial;
    this.graph = graph;
    Plan plan = backend.plan(graph, trial.limits(threads));
    this.program = backend.compile(plan, weights);
    for (Value input : graph.inputs()) {
      inputs.put(input.name(), rows(input));
    }
    graph.outputs().forEach((name, value) -> outputs.put(name, rows(value)));
  }

  private MemorySegment rows(Value value) {
    return arena.allocate(4L * trial.tokens() * value.width(), 64);
  }

  Program program() {
    return program;
  }

  Trial trial() {
    return trial;
  }

  Graph graph() {
    return graph;
  }

  /** Runs steps and returns all rows. */
  Numbers run(List<List<Piece>> steps) {
    Numbers numbers = empty();
    for (List<Piece> step : steps) {
      Outcome outcome = step(step, Stop.NEVER, numbers);
      Check.require(outcome == Outcome.DONE, "a step that nobody stopped ended as " + outcome);
    }
    return numbers;
  }

  /** Room for what a run gives. */
  Numbers empty() {
    int stories = 1 + trial.stories().stream().mapToInt(Story::number).max().orElseThrow();
    return Numbers.of(graph, stories, trial.longest());
  }

  /** Runs one step; its rows are put into {@code numbers} if it was not stopped. */
  Outcome step(List<Piece> pieces, Stop stop, Numbers numbers) {
    TestBatch batch = batch(pieces);
    fill(pieces);
    outputs.values().forEach(segment -> segment.fill((byte) 0xff)); // NaN: what nobody writes shows
    Map<String, MemorySegment> beside = new HashMap<>(outputs);
    Optional<MemorySegment> logits = Optional.ofNullable(beside.remove(Graph.LOGITS));
    Outcome outcome =
        program.step(batch, inputs, new Outputs(logits, Optional.empty(), beside), stop);
    if (outcome == Outcome.DONE) {
      graph.outputs().forEach((name, value) -> read(name, value, pieces, batch, numbers));
    }
    return outcome;
  }

  /**
   * Time of one step, about: the shortest of many, run until for a while none was much shorter,
   * since code is compiled on the way.
   *
   * @param least how long that while is, in seconds
   * @return seconds
   */
  double time(List<Piece> pieces, double least) {
    TestBatch batch = batch(pieces);
    fill(pieces);
    double shortest = Double.POSITIVE_INFINITY;
    for (long since = System.nanoTime(); System.nanoTime() - since < least * 1e9; ) {
      long from = System.nanoTime();
      program.step(batch, inputs, Outputs.none(), Stop.NEVER);
      double seconds = (System.nanoTime() - from) / 1e9;
      if (seconds < 0.9 * shortest) {
        since = System.nanoTime();
      }
      shortest = Math.min(shortest, seconds);
    }
    return shortest;
  }

  /** Logits are asked for in reverse order. */
  private TestBatch batch(List<Piece> pieces) {
    TestBatch batch = new TestBatch(trial.page());
    int vocabulary = Trial.vocabulary(graph).orElse(1);
    for (Piece piece : pieces) {
      int[] tokens =
          IntStream.range(piece.from(), piece.end())
              .map(token -> Trial.token(piece.story(), token, vocabulary))
              .toArray();
      batch.add(piece.from(), Phase.PROMPT, trial.pages(piece.story()), tokens);
    }
    int columns = batch.columns();
    return batch
        .prompts(pieces.stream().mapToInt(piece -> piece.story().prompt()).toArray())
        .logits(IntStream.range(0, columns).map(row -> columns - 1 - row).toArray());
  }

  private void fill(List<Piece> pieces) {
    for (Value input : graph.inputs()) {
      MemorySegment segment = inputs.get(input.name());
      long at = 0;
      for (Piece piece : pieces) {
        for (int token = piece.from(); token < piece.end(); token++) {
          float[] row = trial.rows().row(input, piece.story(), token);
          MemorySegment.copy(row, 0, segment, JAVA_FLOAT, at, row.length);
          at += 4L * row.length;
        }
      }
    }
  }

  private void read(
      String name, Value value, List<Piece> pieces, TestBatch batch, Numbers numbers) {
    MemorySegment segment = outputs.get(name);
    for (int column = 0; column < batch.columns(); column++) {
      int at = value.rows() == Value.Rows.LOGIT ? batch.columns() - 1 - column : column;
      MemorySegment bytes = segment.asSlice(4L * at * value.width(), 4L * value.width());
      int story = pieces.get(batch.sequence(column)).story().number();
      numbers.put(name, story, batch.position(column), row(value, bytes));
    }
  }

  private static float[] row(Value value, MemorySegment bytes) {
    if (!value.type().equals(DataType.I32)) {
      return bytes.toArray(JAVA_FLOAT);
    }
    int[] whole = bytes.toArray(JAVA_INT);
    float[] row = new float[whole.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = whole[i];
    }
    return row;
  }

  /** All stories, each by itself. */
  Numbers alone(List<Story> stories) {
    List<List<Piece>> steps = new ArrayList<>();
    stories.forEach(story -> steps.addAll(Company.alone(story)));
    return run(steps);
  }

  @Override
  public void close() {
    program.close();
    arena.close();
  }
}
