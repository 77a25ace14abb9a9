package dev.burhan.kernel.scheduler;

/**
 * How long steps take by the number of their generated columns, as measured, and so how many tokens
 * are worth guessing. Owned by the model's thread; kept from one request to the next.
 */
public class StepCosts {
  /** More columns than that are not told apart. */
  static final int MOST = 64;

  /** Until it is measured: what one column more costs, as a part of the first. */
  private static final double FURTHER = 0.25;

  /** What is as quick as that is not worth it. */
  private static final double GAIN = 1.05;

  private static final double NEW = 0.2; // weight of a new measurement
  private static final double NEW_LESS = 0.5; // of one that is less: what was slow was cold code

  /** What does not seem to pay, though it is likely right, is tried once in so many times. */
  static final int TRY = 32;

  private static final double LIKELY = 0.6;
  private static final int FEW = 3;

  private final double[] nanos = new double[MOST + 1];
  private int declined; // guesses that were likely right and did not seem to pay

  /** A step with generated columns alone took so long. */
  void record(int columns, long took) {
    if (columns >= 1 && columns <= MOST) {
      double known = nanos[columns];
      // One slow step, such as one with a collection of garbage or with cold code, says little.
      double most = known > 0 ? 2 * known : columns > 1 && nanos[1] > 0 ? columns * nanos[1] : took;
      double counted = Math.min(took, most);
      double weight = known == 0 ? 1 : counted < known ? NEW_LESS : NEW;
      nanos[columns] = known + weight * (counted - known);
    }
  }

  /** What a step of so many columns takes, as far as is known; any unit. */
  double cost(int columns) {
    int below = columns;
    while (below > 0 && nanos[below] == 0) {
      below--;
    }
    int above = columns;
    while (above <= MOST && nanos[above] == 0) {
      above++;
    }
    if (below > 0 && above <= MOST) {
      double part = above == below ? 0 : (double) (columns - below) / (above - below);
      return Math.max(nanos[below], nanos[below] + part * (nanos[above] - nanos[below]));
    }
    if (below > 0) {
      return nanos[below] * (1 + FURTHER * columns) / (1 + FURTHER * below);
    }
    if (above <= MOST) {
      return nanos[above] * (1 + FURTHER * columns) / (1 + FURTHER * above);
    }
    return 1 + FURTHER * columns;
  }

  /**
   * How many tokens to guess.
   *
   * @param others columns of other sequences in the step, each of which gives a token
   * @param right how likely a guess is right if those before it were
   * @param most how many there are
   */
  int guesses(int others, double right, int most) {
    double plain = (others + 1) / cost(others + 1);
    double best = GAIN * plain;
    int guesses = 0;
    double expected = 1;
    double all = 1;
    for (int count = 1; count <= Math.min(most, MOST - others - 1); count++) {
      all *= right;
      expected += all;
      double rate = (others + expected) / cost(others + 1 + count);
      if (rate > best) {
        best = rate;
        guesses = count;
      }
    }
    if (guesses == 0 && most > 0 && right >= LIKELY && ++declined % TRY == 0) {
      return Math.min(most, FEW);
    }
    return guesses;
  }
}
