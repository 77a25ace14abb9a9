package dev.burhan.eval;

import dev.burhan.command.Arguments;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.ReasoningOptions;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.List;

/** The options of both commands: which problems, and how they are asked. */
final class ExamOptions {
  static final int PROBLEMS = 200;
  static final int MOST_PROBLEMS = 100_000;
  static final int MAX_TOKENS = 2048;

  private ExamOptions() {}

  static List<Option> all() {
    List<Option> options = new ArrayList<>();
    options.add(
        Option.optional("limit", Kind.INTEGER, "N", "How many problems at most.", "" + PROBLEMS));
    options.add(
        Option.optional(
            "digits",
            Kind.TEXT,
            "L,L",
            "Lengths of the numbers: trained, rare, beyond, 4 for four digits each, 3x2.",
            Arithmetic.USUAL));
    options.add(
        Option.optional(
            "seed", Kind.TEXT, "S", "An integer; one seed gives the same problems.", "1"));
    options.add(
        Option.optional(
            "max-tokens",
            Kind.INTEGER,
            "N",
            "Most tokens of thought and answer; what is cut off has no answer.",
            "" + MAX_TOKENS));
    options.add(
        Option.optional(
            "temperature",
            Kind.NUMBER,
            "T",
            "0 takes the likeliest token each time.",
            "0; with votes the model's recommendation"));
    options.addAll(ReasoningOptions.all());
    options.addAll(LoadOptions.sharing());
    return options;
  }

  static long seed(Arguments arguments) {
    String text = arguments.text("seed").orElse("1");
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new UsageException("--seed should be an integer, found '" + text + "'", e);
    }
  }
}
