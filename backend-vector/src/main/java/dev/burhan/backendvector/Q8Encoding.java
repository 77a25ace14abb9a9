package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import dev.burhan.backend.Encoding;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Activations in 8 bits: runs of 32 numbers share a scale, the greatest magnitude becomes 127, ties
 * round to even. Numbers and their sums are kept as the products want them: as 16 bits, twice in an
 * int. A row of {@code width} numbers (a multiple of 32) is, one after another:
 *
 * <ul>
 *   <li>{@code width} numbers within +-127, each twice,
 *   <li>sums of 8, of 16 and of 32 numbers, each twice,
 *   <li>F32 scales of the runs of 32,
 *   <li>F32 scale times sum of runs of 16, then of runs of 32.
 * </ul>
 */
final class Q8Encoding implements Encoding {
  static final int RUN = 32;
  private static final float GREATEST = 127;

  /** Below it a run counts as zero: its inverse would not be finite. */
  private static final float SMALLEST = 1e-30f;

  /** Added to a float below 2^22 it leaves the nearest integer in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  private final Lanes lanes;
  private final Supplier<Work> works;

  Q8Encoding(Lanes lanes, Supplier<Work> works) {
    this.lanes = lanes;
    this.works = works;
  }

  @Override
  public String name() {
    return "vector-q8/2";
  }

  @Override
  public long bytesPerRow(int width) {
    return Memory.align(scaledSums(width) + 12L * width / RUN);
  }

  /** Where a row has the scales. */
  static long scales(int width) {
    return 4L * (width + width / 8 + width / 16 + width / 32);
  }

  private static long scaledSums(int width) {
    return scales(width) + 4L * width / RUN;
  }

  @Override
  public void encode(MemorySegment from, long fromAt, int width, MemorySegment to, long toAt) {
    if (width % RUN != 0) {
      throw new IllegalArgumentException("a width of " + width + " is no multiple of " + RUN);
    }
    int[] numbers = works.get().run;
    for (int run = 0; run < width / RUN; run++) {
      float scale = scale(from, fromAt + run * 4L * RUN);
      round(from, fromAt + run * 4L * RUN, scale == 0 ? 0 : 1 / scale, numbers);
      MemorySegment.copy(numbers, 0, to, Memory.INT, toAt + run * 4L * RUN, RUN);
      long sums = toAt + 4L * width;
      int s0 = sum(numbers, 0);
      int s1 = sum(numbers, 8);
      int s2 = sum(numbers, 16);
      int s3 = sum(numbers, 24);
      put(to, sums, run * 4, s0);
      put(to, sums, run * 4 + 1, s1);
      put(to, sums, run * 4 + 2, s2);
      put(to, sums, run * 4 + 3, s3);
      sums += 4L * width / 8;
      put(to, sums, run * 2, s0 + s1);
      put(to, sums, run * 2 + 1, s2 + s3);
      sums += 4L * width / 16;
      put(to, sums, run, s0 + s1 + s2 + s3);
      to.set(Memory.FLOAT, toAt + scales(width) + run * 4L, scale);
      long scaled = toAt + scaledSums(width);
      to.set(Memory.FLOAT, scaled + run * 8L, scale * (s0 + s1));
      to.set(Memory.FLOAT, scaled + run * 8L + 4, scale * (s2 + s3));
      to.set(Memory.FLOAT, scaled + 8L * width / RUN + run * 4L, scale * (s0 + s1 + s2 + s3));
    }
  }

  private static void put(MemorySegment to, long at, int index, int sum) {
    to.set(Memory.INT, at + 4L * index, sum & 0xffff | sum << 16);
  }

  /** Sum of eight numbers that are there twice each. */
  private static int sum(int[] pairs, int from) {
    int sum = 0;
    for (int i = from; i < from + 8; i++) {
      sum += (short) pairs[i];
    }
    return sum;
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

  private void round(MemorySegment from, long at, float inverse, int[] to) {
    for (int i = 0; i < RUN; i += lanes.floats().length()) {
      FloatVector x = FloatVector.fromMemorySegment(lanes.floats(), from, at + i * 4L, LE);
      IntVector q =
          x.mul(inverse).add(ROUND).reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
      q.and(0xffff).or(q.lanewise(VectorOperators.LSHL, 16)).intoArray(to, i);
    }
  }
}
