package dev.burhan.engine;

import dev.burhan.provider.UsageException;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How much an answer is thought about.
 *
 * @param budget most tokens of a thought: at the limit the model is made to close it and to answer;
 *     empty for no limit of its own
 * @param votes how many answers are generated, with seeds that follow one another, of which the one
 *     that most agree with is given (self-consistency, Wang et al. 2023)
 * @param verify whether the model is asked if its answer is right; where it says no, another one is
 *     generated
 */
public record Reasoning(OptionalInt budget, int votes, boolean verify) {

  /** Most answers that are voted on. */
  public static final int MOST_VOTES = 64;

  public static final Reasoning DEFAULT = new Reasoning(OptionalInt.empty(), 1, false);

  public Reasoning {
    Objects.requireNonNull(budget, "budget");
    if (budget.isPresent() && budget.getAsInt() < 0) {
      throw new UsageException(
          "a thinking budget should be 0 tokens or more, found " + budget.getAsInt());
    }
    if (votes < 1 || votes > MOST_VOTES) {
      throw new UsageException(
          "votes should be from 1 to %d, found %d".formatted(MOST_VOTES, votes));
    }
  }

  public Reasoning withBudget(int tokens) {
    return new Reasoning(OptionalInt.of(tokens), votes, verify);
  }

  public Reasoning withVotes(int count) {
    return new Reasoning(budget, count, verify);
  }

  public Reasoning withVerify(boolean ask) {
    return new Reasoning(budget, votes, ask);
  }
}
