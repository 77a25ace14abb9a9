package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import dev.burhan.backend.Encoding;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Activations in 8 bits: runs of 32 numbers share a scale, the greatest magnitude becomes 127, ties
 * round to even. Numbers are kept as 16 bits, as the products want them. A row of {@code width}
 * numbers (a multiple of 32) is, one after another:
 *
 * <ul>
 *   <li>{@code width} 16-bit numbers within +-127,
 *   <li>F32 scales of the runs of 32, then for the same runs scale times the sum of the numbers,
 *   <li>the same two for the halves of the runs, for weights with groups of 16,
 *   <li>64 bytes of nothing, so that a vector that begins within ends within.
 * </ul>
 */
final class Q8Encoding implements Encoding {
  static final int RUN = 32;
  private static final int HALF = 16;
  private static final float GREATEST = 127;

  /** Below it a run counts as zero: its inverse would not be finite. */
  private static final float SMALLEST = 1e-30f;

  /** Added to a float below 2^22 it leaves the nearest integer in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  private final Lanes lanes;

  Q8Encoding(Lanes lanes) {
    this.lanes = lanes;
  }

  @Override
  public String name() {
    return "vector-q8/1";
  }

  @Override
  public long bytesPerRow(int width) {
    return Memory.align(sums(width, HALF) + 4L * width / HALF) + 64;
  }

  /** Where a row of so many numbers has the scales of groups of 16 or 32. */
  static long scales(int width, int group) {
    return 2L * width + (group == RUN ? 0 : 8L * width / RUN);
  }

  /** Where it has their sums. */
  static long sums(int width, int group) {
    return scales(width, group) + 4L * width / group;
  }

  @Override
  public void encode(MemorySegment from, long fromAt, int width, MemorySegment to, long toAt) {
    if (width % RUN != 0) {
      throw new IllegalArgumentException("a width of " + width + " is no multiple of " + RUN);
    }
    for (int run = 0; run < width / RUN; run++) {
      float scale = scale(from, fromAt + run * 4L * RUN);
      float inverse = scale == 0 ? 0 : 1 / scale;
      long at = toAt + run * 2L * RUN;
      int first = round(from, fromAt + run * 4L * RUN, inverse, to, at);
      int second = round(from, fromAt + run * 4L * RUN + 4 * HALF, inverse, to, at + 2 * HALF);
      to.set(Memory.FLOAT, toAt + scales(width, RUN) + run * 4L, scale);
      to.set(Memory.FLOAT, toAt + sums(width, RUN) + run * 4L, scale * (first + second));
      long half = toAt + scales(width, HALF) + run * 8L;
      to.set(Memory.FLOAT, half, scale);
      to.set(Memory.FLOAT, half + 4, scale);
      half = toAt + sums(width, HALF) + run * 8L;
      to.set(Memory.FLOAT, half, scale * first);
      to.set(Memory.FLOAT, half + 4, scale * second);
    }
  }

  private float scale(MemorySegment from, long at) {
    FloatVector greatest = FloatVector.zero(lanes.floats());
    for (int i = 0; i < RUN; i += lanes.floats().length()) {
      FloatVector x = FloatVector.fromMemorySegment(lanes.floats(), from, at + i * 4L, LE);
      greatest = greatest.max(x.abs());
    }
    // The greatest is the same in whatever order it is found, so reduceLanes may be used.
    float magnitude = greatest.reduceLanes(VectorOperators.MAX);
    return magnitude < SMALLEST ? 0 : magnitude / GREATEST;
  }

  /** Writes 16 numbers and returns their sum. */
  private int round(MemorySegment from, long at, float inverse, MemorySegment to, long toAt) {
    IntVector sum = IntVector.zero(lanes.ints());
    for (int i = 0; i < HALF; i += lanes.floats().length()) {
      FloatVector x = FloatVector.fromMemorySegment(lanes.floats(), from, at + i * 4L, LE);
      IntVector q =
          x.mul(inverse).add(ROUND).reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
      lanes.narrow(q, to, toAt + i * 2L);
      sum = sum.add(q);
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }
}
