package dev.burhan.eval;

import java.util.Set;

/** What is done with two whole numbers, and how it was trained: see tools/train. */
enum Operation {
  SUM('+', "sum"),
  DIFFERENCE('-', "difference"),
  PRODUCT('*', "product");

  private static final int LONGEST_TERM = 5;
  private static final Set<Lengths> FACTORS =
      Set.of(
          new Lengths(1, 1),
          new Lengths(2, 1),
          new Lengths(3, 1),
          new Lengths(2, 2),
          new Lengths(3, 2));

  private static final int LONGEST_RARE_TERM = 7;
  private static final Set<Lengths> RARE_FACTORS =
      Set.of(new Lengths(4, 1), new Lengths(4, 2), new Lengths(3, 3));

  final char sign;
  final String word;

  Operation(char sign, String word) {
    this.sign = sign;
    this.word = word;
  }

  long of(long a, long b) {
    return switch (this) {
      case SUM -> a + b;
      case DIFFERENCE -> a - b;
      case PRODUCT -> a * b;
    };
  }

  /**
   * Whether the tiny models were never trained on it: one problem of 20. Both orders of a sum or a
   * product are one problem. The rule is tools/train/README.md's.
   */
  boolean isHeldOut(long a, long b) {
    long low = this == DIFFERENCE ? a : Math.min(a, b);
    long high = this == DIFFERENCE ? b : Math.max(a, b);
    return (low * 7919 + high * 104729 + sign) % 10007 % 20 == 19;
  }

  /** How well the tiny models know numbers that long. */
  Familiarity familiarity(Lengths lengths) {
    if (this == PRODUCT ? FACTORS.contains(lengths) : lengths.longer() <= LONGEST_TERM) {
      return Familiarity.TRAINED;
    }
    boolean rare =
        this == PRODUCT ? RARE_FACTORS.contains(lengths) : lengths.longer() <= LONGEST_RARE_TERM;
    return rare ? Familiarity.RARE : Familiarity.BEYOND;
  }
}
