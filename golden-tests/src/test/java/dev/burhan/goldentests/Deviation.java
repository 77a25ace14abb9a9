package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.kernel.sampling.Sampler;

/** How far rows of numbers are from their reference. */
final class Deviation {
  private final String what;
  private double largest;
  private double largestExpected;
  private double sum;
  private long count;

  Deviation(String what) {
    this.what = what;
  }

  /** Compares a row. */
  Deviation row(float[] expected, float[] found) {
    assertEquals(expected.length, found.length, what);
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(expected[i] - found[i]);
      assertTrue(Double.isFinite(difference), what + " has " + found[i]);
      largest = Math.max(largest, difference);
      largestExpected = Math.max(largestExpected, Math.abs(expected[i]));
      sum += difference;
      count++;
    }
    return this;
  }

  /** Compares a row of logits, of which the largest must be the same one. */
  Deviation logits(int position, float[] expected, float[] found) {
    assertEquals(
        Sampler.argmax(expected),
        Sampler.argmax(found),
        what + ", best token at position " + position);
    return row(expected, found);
  }

  void within(double maxAbs, double meanAbs) {
    assertTrue(count > 0, what);
    assertTrue(largest <= maxAbs, this::toString);
    assertTrue(sum / count <= meanAbs, this::toString);
  }

  /** Within a share of the reference's largest number. */
  void withinShare(double share) {
    assertTrue(count > 0, what);
    assertTrue(largest <= share * largestExpected, this::toString);
  }

  @Override
  public String toString() {
    return "%s: differs by %.1e at most, %.1e in the mean; the largest number is %.1f"
        .formatted(what, largest, sum / count, largestExpected);
  }
}
