package dev.burhan.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Python's arithmetic: integers without bound (but for a sane one), true and floor division,
 * booleans as 0 and 1.
 */
final class Numbers {
  private static final int LONGEST_INTEGER = 10_000; // bits
  private static final int LONGEST_DECIMAL = 4_000; // digits

  private Numbers() {}

  static boolean isNumber(Object value) {
    return value instanceof Long
        || value instanceof Double
        || value instanceof BigInteger
        || value instanceof Boolean;
  }

  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof BigInteger;
  }

  static BigInteger integer(Object value) {
    return switch (value) {
      case BigInteger number -> number;
      case Boolean bool -> bool ? BigInteger.ONE : BigInteger.ZERO;
      default -> BigInteger.valueOf((Long) value);
    };
  }

  /** Bits of a large integer: what calculating with it costs. */
  static long bits(Object number) {
    return number instanceof BigInteger large ? large.bitLength() : 0;
  }

  /** An integer as a template writes it. */
  static Object parse(String digits) {
    if (digits.length() > LONGEST_DECIMAL) {
      throw Values.error("a number has more than " + LONGEST_DECIMAL + " digits");
    }
    return narrow(new BigInteger(digits));
  }

  static double real(Object value) {
    return value instanceof Double number ? number : integer(value).doubleValue();
  }

  /** The shortest form of an integer. */
  static Object narrow(BigInteger value) {
    if (value.bitLength() > LONGEST_INTEGER) {
      throw Values.error("a number grows beyond " + LONGEST_INTEGER + " bits");
    }
    return value.bitLength() < 64 ? (Object) value.longValue() : value;
  }

  static int compare(Object a, Object b) {
    if (a instanceof Long left && b instanceof Long right) {
      return Long.compare(left, right);
    }
    if (a instanceof Double || b instanceof Double) {
      double left = real(a);
      double right = real(b);
      if (Double.isFinite(left) && Double.isFinite(right)) {
        return exact(a).compareTo(exact(b));
      }
      return left < right ? -1 : left == right ? 0 : 1; // not a number is equal to nothing
    }
    return integer(a).compareTo(integer(b));
  }

  private static BigDecimal exact(Object value) {
    return value instanceof Double number ? new BigDecimal(number) : new BigDecimal(integer(value));
  }

  static Object add(Object a, Object b) {
    if (a instanceof Long left && b instanceof Long right) {
      long sum = left + right;
      if (((left ^ sum) & (right ^ sum)) >= 0) {
        return sum;
      }
    }
    return isReal(a, b) ? (Object) (real(a) + real(b)) : narrow(integer(a).add(integer(b)));
  }

  static Object subtract(Object a, Object b) {
    return isReal(a, b) ? (Object) (real(a) - real(b)) : narrow(integer(a).subtract(integer(b)));
  }

  static Object multiply(Object a, Object b) {
    return isReal(a, b) ? (Object) (real(a) * real(b)) : narrow(integer(a).multiply(integer(b)));
  }

  static Object divide(Object a, Object b) {
    nonZero(b);
    return real(a) / real(b);
  }

  static Object floorDivide(Object a, Object b) {
    nonZero(b);
    if (isReal(a, b)) {
      return Math.floor(real(a) / real(b));
    }
    BigInteger[] parts = integer(a).divideAndRemainder(integer(b));
    boolean below = parts[1].signum() != 0 && parts[1].signum() != integer(b).signum();
    return narrow(below ? parts[0].subtract(BigInteger.ONE) : parts[0]);
  }

  static Object modulo(Object a, Object b) {
    nonZero(b);
    if (isReal(a, b)) {
      double remainder = real(a) % real(b);
      return remainder != 0 && (remainder < 0) != (real(b) < 0) ? remainder + real(b) : remainder;
    }
    BigInteger divisor = integer(b);
    BigInteger remainder = integer(a).remainder(divisor);
    return narrow(
        remainder.signum() != 0 && remainder.signum() != divisor.signum()
            ? remainder.add(divisor)
            : remainder);
  }

  static Object power(Object a, Object b) {
    if (isReal(a, b) || integer(b).signum() < 0) {
      return Math.pow(real(a), real(b));
    }
    BigInteger base = integer(a);
    BigInteger exponent = integer(b);
    int bits = base.abs().bitLength();
    if (bits <= 1) { // 0, 1 and -1 stay small
      return narrow(
          exponent.signum() == 0 ? BigInteger.ONE : base.pow(exponent.testBit(0) ? 1 : 2));
    }
    if (exponent.bitLength() > 31 || bits * exponent.longValue() > 2L * LONGEST_INTEGER) {
      throw Values.error("a number grows beyond " + LONGEST_INTEGER + " bits");
    }
    return narrow(base.pow(exponent.intValue()));
  }

  static Object negate(Object a) {
    return a instanceof Double number ? (Object) (-number) : narrow(integer(a).negate());
  }

  private static boolean isReal(Object a, Object b) {
    return a instanceof Double || b instanceof Double;
  }

  private static void nonZero(Object divisor) {
    if (real(divisor) == 0) {
      throw Values.error("division by zero");
    }
  }
}
