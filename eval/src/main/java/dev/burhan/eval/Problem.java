package dev.burhan.eval;

import dev.burhan.reasoning.FinalAnswer;
import java.util.Objects;

/**
 * One question with a known answer.
 *
 * @param kind what it is a problem of, such as {@code sum}; a row of the report
 * @param level how hard it is within its kind, such as the lengths of the numbers; {@code 3x2}
 * @param familiarity how well models that were trained for this task know problems of this kind and
 *     level; the problem itself they must not know
 */
record Problem(
    String kind, String level, Familiarity familiarity, String question, FinalAnswer answer) {
  Problem {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(level, "level");
    Objects.requireNonNull(familiarity, "familiarity");
    Objects.requireNonNull(question, "question");
    Objects.requireNonNull(answer, "answer");
  }
}
