package dev.burhan.kernel.engine;

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
 * Runs sequences through a program, chunk by chunk. Owned by the model's thread. The batch is
 * ragged already; a scheduler will put several sequences into it.
 */
final class StepRunner implements AutoCloseable {
  private final Program program;
  private final HostMemory memory;
  private final StepBatch batch;
  private final MemorySegment logits; // (logit rows, vocabulary)
  private final Outputs outputs;
  private final int vocabulary;
  private final PagePool pages;
  private final Optional<DraftRunner> draft;

  StepRunner(Program program, int vocabulary, HostMemory memory) {
    this(program, vocabulary, memory, Optional.empty());
  }

  /**
   * Makes a runner; it closes the draft's.
   *
   * @param draft guesses tokens of generations
   */
  StepRunner(Program program, int vocabulary, HostMemory memory, Optional<DraftRunner> draft) {
    this.draft = draft;
    Limits limits = program.plan().limits();
    this.program = program;
    this.memory = memory;
    this.vocabulary = vocabulary;
    this.batch = new StepBatch(limits, memory);
    this.logits = memory.map((long) limits.logitRows() * vocabulary * Float.BYTES);
    this.outputs = Outputs.logits(logits);
    this.pages = new PagePool(limits.pages());
  }

  Limits limits() {
    return program.plan().limits();
  }

  int vocabulary() {
    return vocabulary;
  }

  Sequence begin(int[] prompt) {
    return new Sequence(prompt, pages, limits().tokensPerPage());
  }

  /** Guesses for one sequence from its beginning on, if the model makes any. */
  Optional<Drafts> drafts() {
    return draft.map(runner -> new Drafts(this, runner));
  }

  /**
   * Runs the sequence's next tokens.
   *
   * @param wanted logits of how many of them, counted from the last
   * @return false if it was stopped
   */
  boolean step(Sequence sequence, int count, int wanted, Stop stop) {
    return step(sequence, count, wanted, outputs, stop);
  }

  /** The same, which also hands out the hidden rows: (count, width). */
  boolean step(Sequence sequence, int count, int wanted, MemorySegment hidden, Stop stop) {
    Outputs both = new Outputs(Optional.of(logits), Optional.empty(), Map.of(Graph.HIDDEN, hidden));
    return step(sequence, count, wanted, both, stop);
  }

  private boolean step(Sequence sequence, int count, int wanted, Outputs to, Stop stop) {
    sequence.reserve(sequence.computed() + count);
    batch.clear();
    batch.add(sequence, count, wanted);
    Outcome outcome = program.step(batch, Map.of(), to, stop);
    if (outcome == Outcome.LOST) {
      throw new BurhanException("the device that runs the model is gone");
    }
    if (outcome == Outcome.DONE) {
      sequence.computedTo(sequence.computed() + count);
    }
    return outcome == Outcome.DONE;
  }

  /**
   * Runs all tokens that are not computed yet; logits of the last one follow in row 0. False if
   * stopped.
   */
  boolean catchUp(Sequence sequence, Stop stop) {
    while (sequence.computed() < sequence.length()) {
      int left = sequence.length() - sequence.computed();
      int count = Math.min(left, limits().columns());
      if (!step(sequence, count, count == left ? 1 : 0, stop)) {
        return false;
      }
    }
    return true;
  }

  /** Copies a row of the last step's logits. */
  void logits(int row, float[] to) {
    MemorySegment.copy(
        logits, ValueLayout.JAVA_FLOAT, (long) row * vocabulary * Float.BYTES, to, 0, vocabulary);
  }

  @Override
  public void close() {
    draft.ifPresent(DraftRunner::close);
    batch.close();
    memory.unmap(logits);
  }
}
