package dev.burhan.server;

import dev.burhan.engine.Reasoning;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * How much a request wants thought about: {@code thinking} as Anthropic's and DeepSeek's clients
 * send it, {@code reasoning_effort} as OpenAI's do, and Burhan's own {@code votes} and {@code
 * verify}.
 *
 * @param thinking what a template that can be told is told: whether the model is to think
 */
record ReasoningFields(Reasoning reasoning, Optional<Boolean> thinking) {

  /** Thinking budgets by effort, in tokens. */
  static final Map<String, Integer> EFFORTS =
      new TreeMap<>(Map.of("none", 0, "minimal", 256, "low", 1024, "medium", 8192, "high", 24_576));

  private static final String THINKING = "thinking";
  private static final String EFFORT = "reasoning_effort";

  static ReasoningFields of(Fields body) {
    Optional<Fields> thinking = body.object(THINKING);
    Optional<String> effort = body.text(EFFORT);
    if (thinking.isPresent() && effort.isPresent()) {
      throw ApiError.badValue(EFFORT, "Give 'thinking' or 'reasoning_effort', not both.");
    }
    OptionalInt budget = OptionalInt.empty();
    Optional<Boolean> thinks = Optional.empty();
    if (thinking.isPresent()) {
      thinks = Optional.of(isEnabled(thinking.get()));
      budget = budget(thinking.get(), thinks.get());
    } else if (effort.isPresent()) {
      budget = OptionalInt.of(budget(effort.get()));
      thinks = Optional.of(budget.getAsInt() > 0);
    }
    int votes = (int) body.integer("votes", 1, Reasoning.MOST_VOTES).orElse(1);
    boolean verify = body.flag("verify").orElse(false);
    return new ReasoningFields(new Reasoning(budget, votes, verify), thinks);
  }

  private static boolean isEnabled(Fields thinking) {
    thinking.requireKnown(Set.of("type", "budget_tokens"));
    String type = thinking.text("type").orElseThrow(() -> thinking.missing("type"));
    return switch (type) {
      case "enabled" -> true;
      case "disabled" -> false;
      default ->
          throw ApiError.badValue(
              thinking.path("type"),
              "Invalid value for '%s': expected enabled or disabled, found '%s'."
                  .formatted(thinking.path("type"), type));
    };
  }

  private static OptionalInt budget(Fields thinking, boolean enabled) {
    OptionalLong given = thinking.integer("budget_tokens", 1, Integer.MAX_VALUE);
    if (enabled) {
      return given.isPresent() ? OptionalInt.of((int) given.getAsLong()) : OptionalInt.empty();
    }
    if (given.isPresent()) {
      throw ApiError.badValue(
          thinking.path("budget_tokens"),
          "'%s' needs 'thinking.type': \"enabled\".".formatted(thinking.path("budget_tokens")));
    }
    return OptionalInt.of(0);
  }

  private static int budget(String effort) {
    Integer budget = EFFORTS.get(effort);
    if (budget == null) {
      throw ApiError.badValue(
          EFFORT,
          "Invalid value for '%s': expected one of %s, found '%s'."
              .formatted(EFFORT, String.join(", ", EFFORTS.keySet()), effort));
    }
    return budget;
  }
}
