package dev.burhan.backendtck;

import dev.burhan.kernel.sampling.Sampler;
import java.util.Locale;

/** How far rows of numbers are from their reference. */
public final class Deviation {
  private final String what;
  private double largest;
  private double largestExpected;
  private double sum;
  private long count;

  public Deviation(String what) {
    this.what = what;
  }

  /** Compares a row. */
  public Deviation row(float[] expected, float[] found) {
    Check.require(
        expected.length == found.length,
        what + ": expected " + expected.length + " numbers, found " + found.length);
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(expected[i] - found[i]);
      Check.require(Double.isFinite(difference), what + " has " + found[i]);
      largest = Math.max(largest, difference);
      largestExpected = Math.max(largestExpected, Math.abs(expected[i]));
      sum += difference;
      count++;
    }
    return this;
  }

  /** Compares a row of logits, of which the largest must be the same one. */
  public Deviation logits(int position, float[] expected, float[] found) {
    int best = Sampler.argmax(expected);
    Check.require(
        best == Sampler.argmax(found),
        what
            + ": best token at position "
            + position
            + " is "
            + best
            + ", found "
            + Sampler.argmax(found));
    return row(expected, found);
  }

  /** Compares rows one by one. */
  public Deviation rows(float[][] expected, float[][] found) {
    Check.require(
        expected.length == found.length,
        what + ": expected " + expected.length + " rows, found " + found.length);
    for (int row = 0; row < expected.length; row++) {
      row(expected[row], found[row]);
    }
    return this;
  }

  /** Fails if a difference is larger, or they are in the mean. */
  public Deviation within(double maxAbs, double meanAbs) {
    Check.require(count > 0 && largest <= maxAbs && sum / count <= meanAbs, toString());
    return this;
  }

  /** Fails if a difference is more than a share of the reference's largest number. */
  public Deviation withinShare(double share) {
    Check.require(count > 0 && largest <= share * largestExpected, toString());
    return this;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: differs by %.1e at most, %.1e in the mean; the largest number is %.1f",
        what,
        largest,
        sum / count,
        largestExpected);
  }
}
