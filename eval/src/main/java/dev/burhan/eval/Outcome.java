package dev.burhan.eval;

import dev.burhan.reasoning.FinalAnswer;
import java.util.Optional;

/**
 * What became of one problem.
 *
 * @param answer the final answer; empty if the text has none or was cut off
 * @param tokens generated, those of all votes
 * @param finished whether the text came to its end
 */
record Outcome(
    Problem problem,
    String thought,
    String text,
    Optional<FinalAnswer> answer,
    boolean right,
    int tokens,
    boolean finished,
    Optional<Task.SelfCheck> check) {

  boolean sameText(Outcome other) {
    return thought.equals(other.thought) && text.equals(other.text);
  }
}
