package dev.burhan.engine;

import dev.burhan.engine.Tally.Check;
import dev.burhan.engine.Tally.Count;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A tally in words, for people. */
public final class TallyText {
  private static final int LONGEST = 60; // characters of an answer

  private TallyText() {}

  /** One line for the votes, if there were several, and one for each check. */
  public static List<String> lines(Tally tally) {
    List<String> lines = new ArrayList<>();
    if (tally.started() > 1) {
      lines.add(votes(tally));
    }
    for (Check check : tally.checks()) {
      lines.add(check(check));
    }
    return lines;
  }

  /** How far a vote is, for a line that is written over. */
  public static String progress(Tally tally, int votes) {
    if (votes == 1) {
      return "checking the answer";
    }
    String best = tally.answers().isEmpty() ? "" : ", best " + count(tally.answers().getFirst());
    return "vote %d of %d%s".formatted(tally.finished(), Math.max(votes, tally.started()), best);
  }

  private static String votes(Tally tally) {
    List<String> parts = new ArrayList<>();
    tally.answers().forEach(count -> parts.add(count(count)));
    if (!tally.undecided().isEmpty()) {
      parts.add(tally.undecided().size() + " without an answer");
    }
    if (tally.cancelled() > 0) {
      parts.add(tally.cancelled() + " cancelled");
    }
    return "%d votes: %s".formatted(tally.started(), String.join(", ", parts));
  }

  private static String count(Count count) {
    return "%s: %d".formatted(shown(count.answer()), count.samples().size());
  }

  private static String check(Check check) {
    String what = check.answer().isEmpty() ? "the answer" : shown(check.answer());
    return switch (check.opinion()) {
      case RIGHT -> "checked: " + what + " is right, the model says";
      case WRONG -> "checked: " + what + " is wrong, the model says";
      case NONE -> "checked: whether " + what + " is right the model does not say";
    };
  }

  /** On one line, and harmless to a terminal: a model wrote it. */
  private static String shown(String answer) {
    String line =
        answer
            .codePoints()
            .map(
                c ->
                    Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
