package dev.burhan.kernel.reasoning;

import dev.burhan.provider.UsageException;
import dev.burhan.text.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Ends one generation's thought at its budget: the model is given the words that close it, as if it
 * had chosen them, and answers from what it has (Muennighoff et al. 2025, "s1", budget forcing).
 *
 * <p>The generation asks before each token. What it is given counts as generated tokens of the
 * thought, beyond the budget.
 */
public final class ThoughtLimit {
  private static final int[] NOTHING = {};

  /** A thought that has hardly begun is closed without a word, as models with empty thoughts do. */
  private static final int BEGUN = 2;

  private static final String EMPTY = "\n";
  private static final String ENOUGH = "\n\nI have thought long enough; I answer now.\n";
  private static final String AFTER = "\n\n";

  private final OptionalInt budget;
  private final Optional<Tokenizer> tokenizer;
  private boolean closed;

  /**
   * For one generation.
   *
   * @param budget most tokens of the thought, a {@code <think>} of the model's own included; empty
   *     for no limit
   * @throws UsageException if there is a limit and no tokenizer to close a thought with
   */
  public ThoughtLimit(OptionalInt budget, Optional<Tokenizer> tokenizer) {
    check(budget, tokenizer);
    this.budget = budget;
    this.tokenizer = tokenizer;
  }

  /**
   * Whether there can be such a limit.
   *
   * @throws UsageException if not
   */
  public static void check(OptionalInt budget, Optional<Tokenizer> tokenizer) {
    if (budget.isPresent() && tokenizer.isEmpty()) {
      throw new UsageException(
          "a thinking budget needs a tokenizer, and the checkpoint has none; leave the budget out");
    }
  }

  /**
   * The tokens that have to come next, whatever the model would choose; none where it is free. Asks
   * to close the thought once at most.
   *
   * @param generated tokens so far; as a thought comes first, all of them are the thought's while
   *     it goes on
   * @param inThought whether the next token may belong to a thought: {@link
   *     ReasoningSplitter#mayBeThought}
   */
  public int[] forced(int generated, boolean inThought) {
    if (closed || !inThought || budget.isEmpty() || generated < budget.getAsInt()) {
      return NOTHING;
    }
    closed = true;
    return closing(tokenizer.orElseThrow(), generated < BEGUN ? EMPTY : ENOUGH);
  }

  /** With the vocabulary's own closing tag where it has one, else with the tag spelt out. */
  private static int[] closing(Tokenizer tokenizer, String words) {
    OptionalInt tag = tokenizer.id(ReasoningSplitter.CLOSE);
    if (tag.isEmpty()) {
      return tokenizer.encodePlain(words + ReasoningSplitter.CLOSE + AFTER);
    }
    int[] before = tokenizer.encodePlain(words);
    int[] after = tokenizer.encodePlain(AFTER);
    int[] all = new int[before.length + 1 + after.length];
    System.arraycopy(before, 0, all, 0, before.length);
    all[before.length] = tag.getAsInt();
    System.arraycopy(after, 0, all, before.length + 1, after.length);
    return all;
  }
}
