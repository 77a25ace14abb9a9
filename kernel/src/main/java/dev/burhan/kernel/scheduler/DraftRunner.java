package dev.burhan.kernel.scheduler;

import dev.burhan.backend.KvPages;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Outcome;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.graph.Graph;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.HostMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a model's draft head beside it. Its cache has memory of its own, in pages of the same size
 * and numbers as the model's: what one sequence holds of the one it holds of the other. Owned by
 * the model's thread.
 */
public final class DraftRunner implements AutoCloseable {
  private final Program program;
  private final HostMemory memory;
  private final DraftPace pace;
  private final StepBatch batch;
  private final Deque<MemorySegment> spareRows = new ArrayDeque<>(); // (columns, width) each
  private final MemorySegment drafted; // (columns, width): the draft's own rows
  private final MemorySegment logits; // (vocabulary)
  private final int vocabulary;
  private final long rowBytes;
  private final int mostGuesses;

  /**
   * Takes memory for steps of a program.
   *
   * @param program the draft graph's, whose limits are the model's but for one row of logits
   * @param model the limits of the model's own program
   */
  public DraftRunner(
      Program program, Limits model, int vocabulary, DraftPace pace, HostMemory memory) {
    Limits limits = program.plan().limits();
    this.program = program;
    this.memory = memory;
    this.pace = pace;
    this.vocabulary = vocabulary;
    rowBytes = (long) program.plan().graph().inputs().getFirst().width() * Float.BYTES;
    mostGuesses = Math.min(model.columns(), model.logitRows()) - 1;
    batch = new StepBatch(limits, memory, 1);
    drafted = memory.map(limits.columns() * rowBytes);
    logits = memory.map((long) vocabulary * Float.BYTES);
  }

  /** The limits of a draft head's program beside a model's. */
  public static Limits limits(Limits model) {
    return new Limits(
        model.columns(),
        model.sequences(),
        1,
        model.context(),
        model.pages(),
        model.tokensPerPage(),
        model.threads(),
        model.planes(),
        model.expertBytes());
  }

  DraftPace pace() {
    return pace;
  }

  /** Most guesses that one step of the model can check. */
  int mostGuesses() {
    return mostGuesses;
  }

  /** How many of the model's rows can wait. */
  int room() {
    return program.plan().limits().columns();
  }

  int vocabulary() {
    return vocabulary;
  }

  /** Bytes of a hidden row. */
  long rowBytes() {
    return rowBytes;
  }

  KvPages pages() {
    return program.pages();
  }

  /** Room for {@link #room} hidden rows of one sequence. */
  MemorySegment takeRows() {
    MemorySegment rows = spareRows.poll();
    return rows == null ? memory.map(room() * rowBytes) : rows;
  }

  void giveRows(MemorySegment rows) {
    spareRows.push(rows);
  }

  /**
   * Runs positions whose hidden rows wait, each with the token after it.
   *
   * @param logitRows 1 for logits of the last one
   * @param rows the hidden rows
   * @return false if it was stopped
   */
  boolean follow(
      Sequence sequence, int from, int count, int logitRows, MemorySegment rows, Stop stop) {
    return step(sequence, from, count, logitRows, rows, stop);
  }

  /**
   * Runs one position with the draft's own row of the position before, the last of {@code rows}
   * that it ran, in place of the model's, and logits.
   */
  boolean goOn(Sequence sequence, int position, int rows, Stop stop) {
    MemorySegment last = drafted.asSlice((rows - 1) * rowBytes, rowBytes);
    MemorySegment.copy(last, 0, drafted, 0, rowBytes);
    return step(sequence, position, 1, 1, drafted, stop);
  }

  private boolean step(
      Sequence sequence, int from, int count, int logitRows, MemorySegment rows, Stop stop) {
    batch.clear();
    batch.add(sequence, from, count, logitRows);
    Outputs to =
        logitRows == 0
            ? Outputs.none()
            : new Outputs(Optional.of(logits), Optional.empty(), Map.of(Graph.HIDDEN, drafted));
    Outcome outcome = program.step(batch, Map.of(Graph.HIDDEN, rows), to, stop);
    if (outcome == Outcome.LOST) {
      throw new BurhanException("the device that runs the model's draft head is gone");
    }
    return outcome == Outcome.DONE;
  }

  /** Copies the last step's logits. */
  void logits(float[] to) {
    MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, 0, to, 0, vocabulary);
  }

  @Override
  public void close() {
    batch.close();
    spareRows.forEach(memory::unmap);
    memory.unmap(drafted);
    memory.unmap(logits);
  }
}
