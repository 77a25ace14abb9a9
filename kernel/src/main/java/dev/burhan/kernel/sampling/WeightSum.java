package dev.burhan.kernel.sampling;

import java.util.Arrays;

/**
 * The sum of the weights {@code e^((x - max) / temperature)} of a vocabulary, each clipped at
 * {@link #CLIPPED}, within {@link #ERROR} of it and {@link #SMALLEST}. Plain arithmetic that the
 * compiler makes vector instructions of: {@link Math#exp} takes ten times as long.
 *
 * <p>e^x = (e^(x / 64))^64, the inner one by its Taylor polynomial of degree 6, for x from {@link
 * #LEAST} to 0: the remainder is (0.375^7 / 5040) * 64 = 1.4e-5, roundings double with each of six
 * squarings to 64 * 2^-24, and those of a sum are 150 * 2^-24.
 */
final class WeightSum {
  /** Most that the sum is off, as a share of it. */
  static final double ERROR = 5e-5;

  /** What weights too small to be computed may add: a vocabulary of 2^18 times e^-24. */
  static final double SMALLEST = 1e-5;

  /** Temperatures below the greatest number at which weights are clipped. */
  static final float DEPTH = 8;

  static final double CLIPPED = Math.exp(-DEPTH);

  private static final float LEAST = -24;
  private static final int SETS = 1024;

  /** A few numbers, and sums of every {@link #SETS}-th weight. */
  private final float[] some = new float[SETS];

  private final float[] sums = new float[SETS];

  /** The sum over all numbers. */
  double of(float[] numbers, float max, double temperature) {
    float inverse = (float) (1 / temperature);
    Arrays.fill(sums, 0);
    for (int first = 0; first < numbers.length; first += SETS) {
      int count = Math.min(SETS, numbers.length - first);
      System.arraycopy(numbers, first, some, 0, count);
      Arrays.fill(some, count, SETS, Float.NEGATIVE_INFINITY);
      add(some, sums, max, inverse);
    }
    double sum = 0;
    for (float part : sums) {
      sum += part;
    }
    return sum;
  }

  private static void add(float[] numbers, float[] sums, float max, float inverse) {
    for (int i = 0; i < SETS; i++) {
      float x = (numbers[i] - max) * inverse;
      x = Math.min(Math.max(x, LEAST), -DEPTH) * (1f / 64);
      float p = Math.fma(1f / 720, x, 1f / 120);
      p = Math.fma(p, x, 1f / 24);
      p = Math.fma(p, x, 1f / 6);
      p = Math.fma(p, x, 0.5f);
      p = Math.fma(p, x, 1);
      p = Math.fma(p, x, 1);
      p = p * p;
      p = p * p;
      p = p * p;
      p = p * p;
      p = p * p;
      sums[i] = Math.fma(p, p, sums[i]);
    }
  }
}
