package dev.burhan.kernel.scheduler;

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
import java.util.Map;
import java.util.Optional;

/**
 * Runs steps of a program: {@link #clear}, {@link #add} for each sequence, {@link #run}. Owned by
 * the model's thread.
 */
public final class StepRunner implements AutoCloseable {
  private final Program program;
  private final HostMemory memory;
  private final StepBatch batch;
  private final MemorySegment logits; // (logit rows, vocabulary)
  private final float[] row; // a copy of one, for all that look at them one by one
  private final Optional<MemorySegment> hidden; // (columns, width), for a draft head
  private final Outputs outputs;
  private final int vocabulary;
  private final PagePool pages;
  private final Optional<DraftRunner> draft;
  private final Optional<StepCosts> costs;
  private long steps;
  private long nanos;

  public StepRunner(Program program, int vocabulary, HostMemory memory) {
    this(
        program,
        vocabulary,
        memory,
        new Extras(Optional.empty(), Optional.empty(), PageStore.NONE));
  }

  /**
   * What a runner may have beside a program.
   *
   * @param draft guesses tokens of generations; closed with the runner
   * @param costs how long steps take, where tokens are guessed from the texts themselves too
   * @param store where pages of prompts are kept
   */
  public record Extras(Optional<DraftRunner> draft, Optional<StepCosts> costs, PageStore store) {

    public static Extras of(
        Optional<DraftRunner> draft, boolean lookup, Optional<PrefixFolder> folder) {
      return new Extras(
          draft,
          lookup ? Optional.of(new StepCosts()) : Optional.empty(),
          folder.isPresent() ? folder.get() : PageStore.NONE);
    }
  }

  /** Makes a runner. */
  public StepRunner(Program program, int vocabulary, HostMemory memory, Extras extras) {
    this.draft = extras.draft();
    this.costs = extras.costs();
    Limits limits = program.plan().limits();
    this.program = program;
    this.memory = memory;
    this.vocabulary = vocabulary;
    this.batch = new StepBatch(limits, memory);
    this.logits = memory.map((long) limits.logitRows() * vocabulary * Float.BYTES);
    this.row = new float[vocabulary];
    this.hidden = draft.map(runner -> memory.map(limits.columns() * runner.rowBytes()));
    this.outputs =
        new Outputs(
            Optional.of(logits),
            Optional.empty(),
            hidden.map(rows -> Map.of(Graph.HIDDEN, rows)).orElse(Map.of()));
    this.pages = new PagePool(limits.pages(), extras.store());
  }

  Limits limits() {
    return program.plan().limits();
  }

  int vocabulary() {
    return vocabulary;
  }

  PagePool pages() {
    return pages;
  }

  Optional<DraftRunner> draft() {
    return draft;
  }

  /** How long steps take; where tokens are guessed from the texts themselves. */
  Optional<StepCosts> costs() {
    return costs;
  }

  /** A text of its own that shares nothing. */
  public Sequence begin(int[] prompt) {
    return new Sequence(prompt, pages, limits().tokensPerPage());
  }

  /** Copies a page of the model's cache, and of its draft head's. */
  void copyPage(int from, int to) {
    program.pages().copy(from, to);
    draft.ifPresent(runner -> runner.pages().copy(from, to));
  }

  /** Begins a step of nobody yet. */
  void clear() {
    batch.clear();
  }

  int columns() {
    return batch.columns();
  }

  int logitRows() {
    return batch.logitRows();
  }

  /**
   * Adds a sequence's next tokens, for which it has pages.
   *
   * @param wanted logits of how many of them, counted from the last; their rows follow those of the
   *     sequences before
   */
  void add(Sequence sequence, int count, int wanted) {
    batch.add(sequence, count, wanted);
  }

  /**
   * Runs the step.
   *
   * @return false if it was stopped
   */
  boolean run(Stop stop) {
    long began = System.nanoTime();
    Outcome outcome = program.step(batch, Map.of(), outputs, stop);
    nanos += System.nanoTime() - began;
    steps++;
    if (outcome == Outcome.LOST) {
      throw new BurhanException("the device that runs the model is gone");
    }
    return outcome == Outcome.DONE;
  }

  /** Steps so far. */
  long steps() {
    return steps;
  }

  /** Time of all steps in the program. */
  long nanos() {
    return nanos;
  }

  /**
   * Runs one sequence's next tokens alone.
   *
   * @return false if it was stopped
   * @throws BurhanException if there are no pages for it
   */
  public boolean step(Sequence sequence, int count, int wanted, Stop stop) {
    int end = sequence.computed() + count;
    if (!sequence.reserve(end)) {
      throw new BurhanException("the KV cache has no room for " + end + " tokens");
    }
    clear();
    add(sequence, count, wanted);
    boolean done = run(stop);
    if (done) {
      sequence.computedTo(end);
    }
    return done;
  }

  /**
   * A copy of a row of the last step's logits, to be changed as one likes; valid until the next
   * one. One array for all requests stays in the processor's cache.
   */
  float[] logits(int index) {
    logits(index, row);
    return row;
  }

  /** Copies a row of the last step's logits. */
  void logits(int row, float[] to) {
    MemorySegment.copy(
        logits, ValueLayout.JAVA_FLOAT, (long) row * vocabulary * Float.BYTES, to, 0, vocabulary);
  }

  /** The last step's hidden rows from a column on; only where there is a draft head. */
  MemorySegment hidden(int column) {
    return hidden.orElseThrow().asSlice(column * draft.orElseThrow().rowBytes());
  }

  @Override
  public void close() {
    draft.ifPresent(DraftRunner::close);
    batch.close();
    memory.unmap(logits);
    hidden.ifPresent(memory::unmap);
  }
}
