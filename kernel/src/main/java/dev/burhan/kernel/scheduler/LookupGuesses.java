package dev.burhan.kernel.scheduler;

/**
 * Guesses of one generation by {@link PromptLookup}: as many as pay, by how often such guesses were
 * right in this text and by what a step with them costs.
 */
final class LookupGuesses {
  static final int MOST = 15;

  /** Guesses where a quotation may begin; twice as many each time that all were right. */
  private static final int FIRST = 3;

  private static final int LONG = 8; // tokens that agree: what follows will too
  private static final double PRIOR_WEIGHT = 4; // guesses
  private static final double[] PRIOR = {0.5, 0.8}; // that a guess is right, by whether it is long
  private static final double FORGET = 0.97; // what is left of an older guess's weight

  private final StepCosts costs;
  private final PromptLookup lookup = new PromptLookup();
  private final double[] right = {PRIOR[0] * PRIOR_WEIGHT, PRIOR[1] * PRIOR_WEIGHT};
  private final double[] tried = {PRIOR_WEIGHT, PRIOR_WEIGHT};
  private int kind;
  private int ramp = FIRST;

  LookupGuesses(StepCosts costs) {
    this.costs = costs;
  }

  /**
   * Appends guesses to a sequence that has pages for them, or gets them.
   *
   * @param most how many can be checked
   * @param others columns of other sequences
   * @return how many
   */
  int guess(Sequence sequence, int most, int others) {
    int place = lookup.find(sequence);
    if (place < 0) {
      return 0;
    }
    kind = lookup.match() >= LONG ? 1 : 0;
    int end = sequence.length();
    int limit = Math.min(Math.min(most, end - place), Math.min(ramp, MOST));
    int guesses = costs.guesses(others, right[kind] / tried[kind], limit);
    if (guesses == 0 || !sequence.reserve(end + guesses)) {
      return 0;
    }
    for (int i = 0; i < guesses; i++) {
      sequence.append(sequence.token(place + i));
    }
    return guesses;
  }

  /** So many of the guesses were right. */
  void settle(int guessed, int accepted) {
    if (guessed == 0) {
      return;
    }
    boolean all = accepted == guessed;
    right[kind] = FORGET * right[kind] + accepted;
    tried[kind] = FORGET * tried[kind] + accepted + (all ? 0 : 1);
    ramp = all ? Math.min(2 * ramp, MOST) : FIRST;
  }
}
