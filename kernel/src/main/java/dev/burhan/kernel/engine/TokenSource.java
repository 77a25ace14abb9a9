package dev.burhan.kernel.engine;

import dev.burhan.backend.Stop;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.kernel.sampling.Sampler;
import java.util.Optional;

/**
 * The tokens of one generation, one after another. A round is one step of the model: it gives one
 * token, or several if the ones before were guessed.
 *
 * <p>Each token is chosen from the model's own logits by its position's own random number, whether
 * it was guessed or not, and the step that a wrong guess was part of counts for nothing behind it.
 * So the tokens are those that would come without guesses, if the model's numerics do not depend on
 * how many columns a step has. A guess fixed beforehand would be accepted as often as by the rule
 * of Leviathan et al. (2023): with the probability that the model gives it.
 */
final class TokenSource {
  private final StepRunner steps;
  private final Sequence sequence;
  private final Sampler sampler;
  private final Optional<Drafts> drafts;
  private final float[] logits;
  private int row; // of the round's logits, the next
  private int rows;
  private int accepted; // guesses of this round
  private boolean timed; // the prompt's round is of another kind
  private long began;

  TokenSource(StepRunner steps, Sequence sequence, Sampler sampler) {
    this.steps = steps;
    this.sequence = sequence;
    this.sampler = sampler;
    this.drafts = steps.drafts();
    this.logits = new float[steps.vocabulary()];
  }

  /**
   * The next token; it is appended to the sequence.
   *
   * @param wanted how many tokens may come at most, this one included
   * @return null if it was stopped
   */
  GeneratedToken next(int wanted, Stop stop) {
    if (row == rows && !round(wanted, stop)) {
      return null;
    }
    int position = sequence.computed() - (rows - 1) + row;
    steps.logits(row, logits);
    GeneratedToken token = sampler.next(logits, position);
    if (row < rows - 1 && sequence.token(position) == token.id()) {
      accepted++;
      row++;
    } else {
      sequence.truncate(position);
      sequence.append(token.id());
      row = rows;
    }
    return token;
  }

  private boolean round(int wanted, Stop stop) {
    end();
    began = System.nanoTime();
    boolean prompt = sequence.computed() == 0;
    int guesses = 0;
    if (drafts.isPresent()) {
      guesses = prompt ? 0 : drafts.get().guess(sequence, sampler, wanted - 1, stop);
      if (guesses < 0 || !drafts.get().compute(sequence, guesses, stop)) {
        return false;
      }
    } else if (!steps.catchUp(sequence, stop)) {
      return false;
    }
    row = 0;
    rows = guesses + 1;
    timed = !prompt;
    return true;
  }

  /** Ends the round that runs; {@link #drafted} and {@link #accepted} are right after it. */
  void end() {
    if (rows > 0 && drafts.isPresent()) {
      drafts.get().settle(rows - 1, accepted);
      if (timed) {
        drafts.get().pace().record(rows - 1, accepted, System.nanoTime() - began);
      }
    }
    row = 0;
    rows = 0;
    accepted = 0;
  }

  int drafted() {
    return drafts.map(Drafts::drafted).orElse(0);
  }

  int accepted() {
    return drafts.map(Drafts::accepted).orElse(0);
  }
}
