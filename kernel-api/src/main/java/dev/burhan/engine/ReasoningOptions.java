package dev.burhan.engine;

import dev.burhan.command.Arguments;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import java.util.List;
import java.util.OptionalInt;

/** The options by which a command that answers is told how much to think. */
public final class ReasoningOptions {
  private static final String BUDGET = "thinking-budget";
  private static final String VOTES = "votes";
  private static final String VERIFY = "verify";

  private ReasoningOptions() {}

  public static List<Option> all() {
    return List.of(
        Option.optional(
            BUDGET,
            Kind.INTEGER,
            "N",
            "Most tokens of a thought; then the model is made to answer. 0: no thought.",
            "no limit but that of the answer"),
        Option.optional(
            VOTES,
            Kind.INTEGER,
            "N",
            "Generate N answers, and give the one that most agree with.",
            "1"),
        Option.flag(
            VERIFY,
            "Ask the model if its answer is right; if not, it tries again, twice at most."));
  }

  /** What the arguments ask for. */
  public static Reasoning reasoning(Arguments arguments) {
    OptionalInt budget = arguments.integer(BUDGET, 0, Integer.MAX_VALUE);
    int votes = arguments.integer(VOTES, 1, Reasoning.MOST_VOTES).orElse(1);
    return new Reasoning(budget, votes, arguments.flag(VERIFY));
  }
}
