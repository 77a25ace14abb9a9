package dev.burhan.kernel.sampling;

import java.util.Arrays;

/**
 * The greatest of many numbers, found at the speed of vectors: the number at {@code i} belongs to
 * set {@code i mod SETS}, and a loop over neighbours that keeps each set's greatest is one that the
 * compiler makes vector instructions of, as it does not of a loop that keeps one.
 */
final class Peaks {
  private static final int SETS = 1024;

  private final float[] greatest = new float[SETS];

  /** A copy: one index for all arrays of a loop tells the compiler that none is another. */
  private final float[] some = new float[SETS];

  private float max;

  /** Reads the numbers. */
  void read(float[] numbers) {
    Arrays.fill(greatest, Float.NEGATIVE_INFINITY);
    int whole = numbers.length - numbers.length % SETS;
    for (int first = 0; first < whole; first += SETS) {
      System.arraycopy(numbers, first, some, 0, SETS);
      for (int i = 0; i < SETS; i++) {
        greatest[i] = Math.max(greatest[i], some[i]);
      }
    }
    for (int i = whole; i < numbers.length; i++) {
      greatest[i - whole] = Math.max(greatest[i - whole], numbers[i]);
    }
    max = Float.NEGATIVE_INFINITY;
    for (float number : greatest) {
      max = Math.max(max, number);
    }
  }

  /** The greatest number that was read; NaN if one was. */
  float max() {
    return max;
  }

  /** Index of the greatest number; the lowest of several. As {@link Sampler#argmax}. */
  int argmax(float[] numbers) {
    if (Float.isNaN(max)) {
      return Sampler.argmax(numbers);
    }
    int best = numbers.length;
    for (int set = 0; set < SETS; set++) {
      if (greatest[set] == max) {
        best = Math.min(best, first(numbers, set));
      }
    }
    return best == numbers.length ? 0 : best;
  }

  private int first(float[] numbers, int set) {
    int i = set;
    while (i < numbers.length && numbers[i] != max) {
      i += SETS;
    }
    return i;
  }
}
