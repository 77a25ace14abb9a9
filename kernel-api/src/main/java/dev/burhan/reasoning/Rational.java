package dev.burhan.reasoning;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An exact number, reduced, its denominator above 0. */
record Rational(BigInteger numerator, BigInteger denominator) {
  /** Longer ones are compared as text: nobody's answer, and slow to reduce. */
  private static final int MOST_DIGITS = 400;

  private static final int MOST_EXPONENT = 400;

  /**
   * Unicode's invisible plus: between a whole number and the fraction that belongs to it, as in 3½.
   */
  static final char MIXED = '\u2064';

  private static final String DECIMAL = "(?:[0-9]++(?:\\.[0-9]*+)?+|\\.[0-9]++)";
  private static final Pattern FRACTION =
      Pattern.compile("([+-]?)(" + DECIMAL + ")(?:/([+-]?)(" + DECIMAL + "))?");
  private static final Pattern MIXED_FRACTION =
      Pattern.compile("([+-]?)([0-9]++)" + MIXED + "([0-9]++)/([0-9]++)");
  private static final Pattern SCIENTIFIC =
      Pattern.compile(
          "([+-]?" + DECIMAL + ")(?:\\*10\\^\\(?([+-]?[0-9]{1,4})\\)?|[eE]([+-]?[0-9]{1,4}))");

  Rational {
    if (denominator.signum() < 0) {
      numerator = numerator.negate();
      denominator = denominator.negate();
    }
    BigInteger common = numerator.gcd(denominator);
    if (common.bitLength() > 1) {
      numerator = numerator.divide(common);
      denominator = denominator.divide(common);
    }
  }

  /**
   * Reads {@code -1.50}, {@code 3/4}, a {@link #MIXED} number or {@code 2*10^5}; empty for anything
   * else.
   */
  static Optional<Rational> parse(String text) {
    if (text.isEmpty() || text.length() > MOST_DIGITS) {
      return Optional.empty();
    }
    Matcher fraction = FRACTION.matcher(text);
    if (fraction.matches()) {
      Rational above = decimal(fraction.group(1) + fraction.group(2));
      return fraction.group(4) == null
          ? Optional.of(above)
          : above.over(decimal(fraction.group(3) + fraction.group(4)));
    }
    Matcher mixed = MIXED_FRACTION.matcher(text);
    if (mixed.matches()) {
      return decimal(mixed.group(3))
          .over(decimal(mixed.group(4)))
          .map(part -> part.plus(decimal(mixed.group(2))))
          .map(sum -> mixed.group(1).equals("-") ? sum.negated() : sum);
    }
    Matcher scientific = SCIENTIFIC.matcher(text);
    if (scientific.matches()) {
      String given = scientific.group(2) == null ? scientific.group(3) : scientific.group(2);
      int exponent = Integer.parseInt(given);
      return Math.abs(exponent) > MOST_EXPONENT
          ? Optional.empty()
          : Optional.of(of(new BigDecimal(scientific.group(1)).scaleByPowerOfTen(exponent)));
    }
    return Optional.empty();
  }

  private static Rational decimal(String text) {
    return of(new BigDecimal(text));
  }

  private static Rational of(BigDecimal value) {
    return value.scale() > 0
        ? new Rational(value.unscaledValue(), BigInteger.TEN.pow(value.scale()))
        : new Rational(value.toBigIntegerExact(), BigInteger.ONE);
  }

  private Optional<Rational> over(Rational other) {
    return other.numerator.signum() == 0
        ? Optional.empty()
        : Optional.of(
            new Rational(
                numerator.multiply(other.denominator), denominator.multiply(other.numerator)));
  }

  private Rational plus(Rational other) {
    return new Rational(
        numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
        denominator.multiply(other.denominator));
  }

  private Rational negated() {
    return new Rational(numerator.negate(), denominator);
  }

  @Override
  public String toString() {
    return denominator.equals(BigInteger.ONE)
        ? numerator.toString()
        : numerator + "/" + denominator;
  }
}
