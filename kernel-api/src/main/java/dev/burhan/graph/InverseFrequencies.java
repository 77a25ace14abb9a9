package dev.burhan.graph;

import java.util.Arrays;

/**
 * The angle a position that each rotated pair advances by, in radians: pair j of position p turns
 * by {@code p * at(j)}.
 */
public final class InverseFrequencies {
  private final float[] frequencies;

  /** Copies the array. */
  public InverseFrequencies(float[] frequencies) {
    this.frequencies = frequencies.clone();
  }

  /** Number of pairs: half of the rotated dimensions. */
  public int size() {
    return frequencies.length;
  }

  public float at(int pair) {
    return frequencies[pair];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InverseFrequencies that && Arrays.equals(frequencies, that.frequencies);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(frequencies);
  }

  @Override
  public String toString() {
    return frequencies.length == 0
        ? "[]"
        : "["
            + frequencies[0]
            + " .. "
            + frequencies[frequencies.length - 1]
            + "; "
            + frequencies.length
            + "]";
  }
}
