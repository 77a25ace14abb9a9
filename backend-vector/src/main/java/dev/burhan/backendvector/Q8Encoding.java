package dev.burhan.backendvector;

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
 *   <li>with machine code, its {@link dev.burhan.backendvector.machinecode.ActivationBlock}s.
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
  private final Stage scales;
  private final Stage round;

  Q8Encoding(Lanes lanes, Supplier<Work> works) {
    this.lanes = lanes;
    this.works = works;
    this.scales = (w, at, first, runs, work) -> scales(runs, work);
    this.round = (w, at, first, runs, work) -> round(runs, work);
  }

  @Override
  public String name() {
    return "vector-q8/2";
  }

  @Override
  public long bytesPerRow(int width) {
    long blocks = lanes.activationBlocks() ? 4L * EightBits.block(width) : 0;
    return Memory.align(blocks(width) + blocks);
  }

  /** Where a row has the scales. */
  static long scales(int width) {
    return 4L * (width + width / 8 + width / 16 + width / 32);
  }

  /** Where a row has what machine code takes, or ends without it. */
  static long blocks(int width) {
    return scales(width) + 16L * width / RUN;
  }

  @Override
  public void encode(MemorySegment from, long fromAt, int width, MemorySegment to, long toAt) {
    if (width % RUN != 0) {
      throw new IllegalArgumentException("a width of " + width + " is no multiple of " + RUN);
    }
    Work work = works.get();
    work.encoding(width);
    MemorySegment.copy(from, Memory.FLOAT, fromAt, work.toEncode, 0, width);
    Stage.run(scales, from, fromAt, 0, width / RUN, work);
    Stage.run(round, from, fromAt, 0, width / RUN, work);
    sum(width / RUN, work.encoded);
    work.encoded.write(width, to, toAt);
    if (lanes.activationBlocks()) {
      work.encoded.writeBlocks(width, to, toAt);
    }
  }

  private void scales(int runs, Work work) {
    int step = lanes.floats().length();
    for (int run = 0; run < runs; run++) {
      FloatVector greatest = FloatVector.zero(lanes.floats());
      for (int i = run * RUN; i < (run + 1) * RUN; i += step) {
        greatest = greatest.max(FloatVector.fromArray(lanes.floats(), work.toEncode, i).abs());
      }
      // The greatest is the same in whatever order it is found, so reduceLanes may be used.
      float magnitude = greatest.reduceLanes(VectorOperators.MAX);
      work.encoded.scales[run] = magnitude < SMALLEST ? 0 : magnitude / GREATEST;
    }
  }

  private void round(int runs, Work work) {
    int step = lanes.floats().length();
    int bits = Float.floatToRawIntBits(ROUND);
    for (int run = 0; run < runs; run++) {
      float scale = work.encoded.scales[run];
      float inverse = scale == 0 ? 0 : 1 / scale;
      for (int i = run * RUN; i < (run + 1) * RUN; i += step) {
        FloatVector x = FloatVector.fromArray(lanes.floats(), work.toEncode, i);
        IntVector q = x.mul(inverse).add(ROUND).reinterpretAsInts().sub(bits);
        q.and(0xffff).or(q.lanewise(VectorOperators.LSHL, 16)).intoArray(work.encoded.pairs, i);
      }
    }
  }

  private static void sum(int runs, EightBits to) {
    for (int run = 0; run < runs; run++) {
      int first = sums16(2 * run, to);
      int second = sums16(2 * run + 1, to);
      to.sums32[run] = pair(first + second);
      to.scaledSums16[2 * run] = to.scales[run] * first;
      to.scaledSums16[2 * run + 1] = to.scales[run] * second;
      to.scaledSums32[run] = to.scales[run] * (first + second);
    }
  }

  private static int sums16(int index, EightBits to) {
    int first = sum8(to.pairs, 16 * index);
    int second = sum8(to.pairs, 16 * index + 8);
    to.sums8[2 * index] = pair(first);
    to.sums8[2 * index + 1] = pair(second);
    to.sums16[index] = pair(first + second);
    return first + second;
  }

  /** Sum of eight numbers that are there twice each. */
  private static int sum8(int[] pairs, int at) {
    return (pairs[at] >> 16)
        + (pairs[at + 1] >> 16)
        + (pairs[at + 2] >> 16)
        + (pairs[at + 3] >> 16)
        + (pairs[at + 4] >> 16)
        + (pairs[at + 5] >> 16)
        + (pairs[at + 6] >> 16)
        + (pairs[at + 7] >> 16);
  }

  private static int pair(int sum) {
    return sum & 0xffff | sum << 16;
  }
}
