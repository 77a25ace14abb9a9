package dev.burhan.kernel.engine;

import dev.burhan.backend.Stop;
import dev.burhan.kernel.sampling.Sampler;

/**
 * The guesses for one sequence. The model's hidden rows wait here until the token after each is
 * known and somebody wants a guess, or there is no more room for them; so the draft's cache lacks
 * nothing when guessing begins anew.
 *
 * <p>Invariant between rounds: {@code cached + waiting == sequence.computed()}.
 */
final class Drafts {
  private final StepRunner steps;
  private final DraftRunner runner;
  private final float[] logits;
  private int cached; // positions that the draft's cache holds
  private int waiting; // hidden rows of the positions from there on
  private int drafted;
  private int accepted;

  Drafts(StepRunner steps, DraftRunner runner) {
    this.steps = steps;
    this.runner = runner;
    this.logits = new float[runner.vocabulary()];
  }

  DraftPace pace() {
    return runner.pace();
  }

  /**
   * Appends guesses to a sequence whose last token alone is not computed.
   *
   * @param most how many are of use
   * @return how many; -1 if it was stopped
   */
  int guess(Sequence sequence, Sampler sampler, int most, Stop stop) {
    int guesses = Math.min(Math.min(pace().next(), most), runner.mostGuesses());
    if (guesses <= 0) {
      return 0;
    }
    int next = sequence.length();
    sequence.reserve(next + guesses);
    int rows = waiting;
    if (!catchUp(sequence, 1, stop)) {
      return -1;
    }
    for (int i = 0; i < guesses; i++) {
      // The draft's row of a guess takes the place of the model's, and is overwritten by it later.
      if (i > 0 && !runner.goOn(sequence, next - 2 + i, i == 1 ? rows : 1, stop)) {
        return -1;
      }
      runner.logits(logits);
      sequence.append(sampler.guess(logits, next + i));
    }
    return guesses;
  }

  /** Runs what waits through the draft head; the token after the last of it is known. */
  private boolean catchUp(Sequence sequence, int logitRows, Stop stop) {
    if (!runner.follow(sequence, cached, waiting, logitRows, stop)) {
      return false;
    }
    cached += waiting;
    waiting = 0;
    return true;
  }

  /**
   * Runs all tokens that are not computed yet, the last of which are guesses; logits of the token
   * before the guesses and of each of them follow in rows from 0 on. False if stopped.
   */
  boolean compute(Sequence sequence, int guesses, Stop stop) {
    while (sequence.computed() < sequence.length()) {
      int left = sequence.length() - sequence.computed();
      int count = Math.min(left, runner.room());
      if (waiting + count > runner.room() && !catchUp(sequence, 0, stop)) {
        return false;
      }
      int wanted = count == left ? guesses + 1 : 0;
      if (!steps.step(sequence, count, wanted, runner.hiddenFrom(waiting), stop)) {
        return false;
      }
      waiting += count;
    }
    return true;
  }

  /**
   * Ends a round: the hidden rows of refused guesses are forgotten.
   *
   * @param kept how many of the guesses were accepted
   */
  void settle(int guesses, int kept) {
    waiting -= guesses - kept;
    drafted += guesses;
    accepted += kept;
  }

  int drafted() {
    return drafted;
  }

  int accepted() {
    return accepted;
  }
}
