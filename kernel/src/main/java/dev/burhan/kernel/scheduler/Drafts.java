package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Stop;
import dev.burhan.kernel.sampling.Sampler;
import java.lang.foreign.MemorySegment;

/**
 * The draft head's guesses for one sequence. The model's hidden rows wait here until the token
 * after each is known and somebody wants a guess, or there is no more room for them; so the draft's
 * cache lacks nothing when guessing begins anew.
 *
 * <p>Invariant between steps: {@code cached + waiting == sequence.computed()}.
 */
final class Drafts implements AutoCloseable {
  private final DraftRunner runner;
  private final MemorySegment rows; // hidden rows of the model that wait
  private final float[] logits;
  private int cached; // positions that the draft's cache holds
  private int waiting; // hidden rows of the positions from there on
  private boolean closed;

  Drafts(DraftRunner runner) {
    this.runner = runner;
    this.rows = runner.takeRows();
    this.logits = new float[runner.vocabulary()];
  }

  DraftPace pace() {
    return runner.pace();
  }

  /** Whether guesses are wanted at any rate. */
  boolean always() {
    return pace().always();
  }

  /** The caches hold such a part of the sequence. */
  void resume(int computed) {
    cached = computed;
    waiting = 0;
  }

  /** Positions that the draft's cache holds. */
  int cached() {
    return cached;
  }

  /**
   * Appends guesses to a sequence whose last token alone is not computed.
   *
   * @param most how many are of use
   * @return how many; none if it was stopped, or there are no pages for them
   */
  int guess(Sequence sequence, Sampler sampler, int most, Stop stop) {
    if (waiting == 0) { // all came from the prefix cache
      return 0;
    }
    int guesses = Math.min(Math.min(pace().next(), most), runner.mostGuesses());
    int next = sequence.length();
    if (guesses <= 0 || !sequence.reserve(next + guesses)) {
      return 0;
    }
    int last = waiting;
    if (!catchUp(sequence, 1, stop)) {
      return 0;
    }
    for (int i = 0; i < guesses; i++) {
      // The draft's row of a guess takes the place of the model's, and is overwritten by it later.
      if (i > 0 && !runner.goOn(sequence, next - 2 + i, i == 1 ? last : 1, stop)) {
        sequence.truncate(next);
        return 0;
      }
      runner.logits(logits);
      sequence.append(sampler.guess(logits, next + i));
    }
    return guesses;
  }

  /** Runs what waits through the draft head; the token after the last of it is known. */
  private boolean catchUp(Sequence sequence, int logitRows, Stop stop) {
    if (!runner.follow(sequence, cached, waiting, logitRows, rows, stop)) {
      return false;
    }
    cached += waiting;
    waiting = 0;
    return true;
  }

  /** The model computed the next {@code count} positions; these are its hidden rows. */
  void keep(Sequence sequence, MemorySegment hidden, int count) {
    for (int done = 0; done < count; ) {
      if (waiting == runner.room()) {
        catchUp(sequence, 0, Stop.NEVER);
      }
      int part = Math.min(count - done, runner.room() - waiting);
      MemorySegment.copy(
          hidden,
          done * runner.rowBytes(),
          rows,
          waiting * runner.rowBytes(),
          part * runner.rowBytes());
      waiting += part;
      done += part;
    }
  }

  /** Runs all that waits but the last row, from which the next guess begins. */
  void flush(Sequence sequence) {
    int done = waiting - 1;
    if (done > 0 && runner.follow(sequence, cached, done, 0, rows, Stop.NEVER)) {
      long bytes = runner.rowBytes();
      MemorySegment.copy(rows, done * bytes, rows, 0, bytes);
      cached += done;
      waiting = 1;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      runner.giveRows(rows);
    }
  }
}
