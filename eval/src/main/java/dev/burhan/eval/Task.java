package dev.burhan.eval;

import dev.burhan.reasoning.AnswerExtraction;
import dev.burhan.reasoning.FinalAnswer;
import java.util.List;
import java.util.Optional;

/** Problems, and what counts as having solved one. Without state: one wish, one list. */
interface Task {

  String name();

  /**
   * The problems.
   *
   * @throws dev.burhan.provider.UsageException if there is none of the levels that were asked for
   */
  List<Problem> problems(Wish wish);

  /** The final answer of a text that came to its end. */
  default Optional<FinalAnswer> answer(String text) {
    return AnswerExtraction.find(text);
  }

  default boolean isRight(Problem problem, Optional<FinalAnswer> answer) {
    return answer.filter(problem.answer()::equals).isPresent();
  }

  /** What a thought's own check of its work said; empty if it did not check. */
  default Optional<SelfCheck> selfCheck(Problem problem, String thought) {
    return Optional.empty();
  }

  /**
   * Which problems are wanted.
   *
   * @param limit how many at most
   * @param seed one seed, one list
   * @param levels which levels, in the task's words; empty for all
   */
  record Wish(int limit, long seed, Optional<String> levels) {}

  /**
   * A check within a thought.
   *
   * @param workRight whether what was checked was right
   * @param saidNo whether the check said that it was not, and the work was done again
   */
  record SelfCheck(boolean workRight, boolean saidNo) {}
}
