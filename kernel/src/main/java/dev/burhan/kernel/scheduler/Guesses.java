package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Stop;
import dev.burhan.kernel.sampling.Sampler;
import java.util.Optional;

/**
 * The guesses of one generation's next tokens: from its own text where that repeats itself, or by
 * the model's draft head where it has one.
 */
final class Guesses implements AutoCloseable {
  private StepRunner steps;
  private Optional<Drafts> drafts;
  private Optional<LookupGuesses> lookup;
  private boolean lookedUp; // where the pending guesses are from
  private int pending; // guesses at the sequence's end, not checked yet
  private boolean timed; // the round counts for the pace: nobody else was in it
  private long began;
  private int drafted;
  private int accepted;

  Guesses(StepRunner steps) {
    this.steps = steps;
    this.drafts = steps.draft().map(Drafts::new);
    this.lookup = steps.costs().map(LookupGuesses::new);
  }

  /** The sequence goes on in the cache of another program, which has a draft head of its own. */
  void moved(StepRunner to, Sequence sequence) {
    drafts.ifPresent(Drafts::close);
    steps = to;
    drafts = to.draft().map(Drafts::new);
    lookup = to.costs().map(LookupGuesses::new);
    resume(sequence);
  }

  /** The sequence begins, or begins anew, with what the cache holds of it. */
  void resume(Sequence sequence) {
    drafts.ifPresent(known -> known.resume(sequence.computed()));
  }

  /**
   * Appends guesses to a sequence whose last token alone is not computed.
   *
   * @param most how many can be checked and are of use
   * @param others how many other requests run
   * @param alone whether there are none, running or waiting
   * @return how many
   */
  int guess(Sequence sequence, Sampler sampler, int most, int others, boolean alone, Stop stop) {
    began = System.nanoTime();
    timed = alone && sequence.computed() > 0; // a prompt is of another kind
    pending = most > 0 && lookup.isPresent() ? lookup.get().guess(sequence, most, others) : 0;
    lookedUp = pending > 0;
    if (pending == 0 && drafts.isPresent() && most > 0 && (alone || drafts.get().always())) {
      pending = drafts.get().guess(sequence, sampler, most, stop);
    }
    return pending;
  }

  /** Guesses that the next step checks. */
  int pending() {
    return pending;
  }

  /** They are not checked after all. */
  void withdrawn() {
    pending = 0;
  }

  /** A part of what is known of the sequence was computed. */
  void keep(Sequence sequence, int column, int count) {
    drafts.ifPresent(known -> known.keep(sequence, steps.hidden(column), count));
  }

  /**
   * The step that checked the guesses is over, and the sequence is without the wrong ones.
   *
   * @param count tokens that were computed
   * @param right how many guesses the model chose too
   */
  void settle(Sequence sequence, int column, int count, int right) {
    keep(sequence, column, count - (pending - right));
    if (sequence.computed() <= sequence.promptLength()) {
      drafts.ifPresent(known -> known.flush(sequence)); // so that others find the prompt whole
    }
    drafted += pending;
    accepted += right;
    if (lookedUp) {
      lookup.orElseThrow().settle(pending, right);
    } else if (timed && count == 1 + pending) {
      drafts.ifPresent(known -> known.pace().record(pending, right, System.nanoTime() - began));
    }
    pending = 0;
    lookedUp = false;
    timed = false;
  }

  /**
   * Positions below it are in all caches, but for the last one in the draft's: who takes them over
   * computes that one again, or guesses a little worse.
   */
  int shareable(Sequence sequence) {
    int computed = sequence.computed();
    return drafts.map(known -> Math.min(computed, known.cached() + 1)).orElse(computed);
  }

  int drafted() {
    return drafted;
  }

  int accepted() {
    return accepted;
  }

  @Override
  public void close() {
    drafts.ifPresent(Drafts::close);
  }
}
