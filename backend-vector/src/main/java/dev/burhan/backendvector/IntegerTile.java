package dev.burhan.backendvector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Products of a chunk of a panel with activations in 8 bits. Sums of integers are exact, and what
 * is done with them in F32 is the same for one column and for several: so they have the same bits.
 */
final class IntegerTile {
  /** Columns of the widest tile, and of the narrower one. */
  static final int COLUMNS = 8;

  static final int FEW = 4;

  private IntegerTile() {}

  /**
   * Adds the sums of products in {@code work.products} (columns, runs, rows), scaled by group, to
   * the sums of so many columns at {@code work.to}.
   *
   * @param run numbers that a sum is of: a group or half of one
   * @param group numbers that share a scale
   * @param first the number of the first column that the chunk begins with
   */
  static void addScaled(
      Lanes lanes, Work work, int columns, int groups, int run, int group, int first) {
    int rows = lanes.rows();
    int half = rows / 2;
    int pitch = groups * (group / run) * rows;
    for (int column = 0; column < columns; column++) {
      int x = first + column * work.stride;
      int from = column * pitch;
      int to = work.to + column * rows;
      if (run == group) {
        addWhole(lanes, work, groups, group, x, from, 0, to);
        addWhole(lanes, work, groups, group, x, from, half, to);
      } else {
        addHalves(lanes, work, groups, group, x, from, 0, to);
        addHalves(lanes, work, groups, group, x, from, half, to);
      }
    }
  }

  private static void addWhole(
      Lanes lanes, Work work, int groups, int group, int first, int from, int half, int to) {
    FloatVector sum = FloatVector.fromArray(lanes.floats(), work.sums, to + half);
    int rows = lanes.rows();
    for (int g = 0; g < groups; g++) {
      int i = g * rows + half;
      IntVector products = lanes.ints(work.products, from + i);
      sum = scaled(lanes, products, work, i, first + g * group, sum);
    }
    sum.intoArray(work.sums, to + half);
  }

  private static void addHalves(
      Lanes lanes, Work work, int groups, int group, int first, int from, int half, int to) {
    FloatVector sum = FloatVector.fromArray(lanes.floats(), work.sums, to + half);
    int rows = lanes.rows();
    for (int g = 0; g < groups; g++) {
      int i = from + 2 * g * rows + half;
      IntVector products = lanes.ints(work.products, i).add(lanes.ints(work.products, i + rows));
      sum = scaled(lanes, products, work, g * rows + half, first + g * group, sum);
    }
    sum.intoArray(work.sums, to + half);
  }

  /**
   * Adds the groups' offsets times their activations' sums to {@code work.shifts}, which are sums
   * of their own: so that their order does not depend on how a row is cut.
   */
  static void addOffsets(Lanes lanes, Work work, int columns, int groups, int group, int first) {
    float[] x = group == 16 ? work.eight.scaledSums16 : work.eight.scaledSums32;
    int rows = lanes.rows();
    int half = rows / 2;
    for (int column = 0; column < columns; column++) {
      int to = work.to + column * rows;
      int at = (first + column * work.stride) / group;
      FloatVector s0 = FloatVector.fromArray(lanes.floats(), work.shifts, to);
      FloatVector s1 = FloatVector.fromArray(lanes.floats(), work.shifts, to + half);
      for (int g = 0; g < groups; g++) {
        FloatVector sum = FloatVector.broadcast(lanes.floats(), x[at + g]);
        s0 = FloatVector.fromArray(lanes.floats(), work.offsets, g * rows).fma(sum, s0);
        s1 = FloatVector.fromArray(lanes.floats(), work.offsets, g * rows + half).fma(sum, s1);
      }
      s0.intoArray(work.shifts, to);
      s1.intoArray(work.shifts, to + half);
    }
  }

  private static FloatVector scaled(
      Lanes lanes, IntVector products, Work work, int scale, int x, FloatVector sum) {
    FloatVector scales =
        FloatVector.fromArray(lanes.floats(), work.scales, scale)
            .mul(FloatVector.broadcast(lanes.floats(), work.eight.scales[x >>> 5]));
    return lanes.toFloats(products).fma(scales, sum);
  }

  /**
   * Writes sums of products of the integers in {@code work.numbers} (count, rows) with eight
   * columns, in 16 bits, to {@code work.products} (columns, runs, rows).
   *
   * <p>One method for each run, of one loop, too long to be inlined: within a loop over runs C2
   * would bring an activation into all lanes by way of a general register, at half the speed.
   *
   * @param first the number in {@code work.eight} that the first column's part of the chunk begins
   *     with; the next column's is {@code work.stride} later
   */
  static void eight(Lanes lanes, Work work, int runs, int run, int first) {
    int rows = lanes.rows();
    for (int r = 0; r < runs; r++) {
      eight(lanes, work, r * run, run, first, r * rows, runs * rows);
    }
  }

  private static void eight(
      Lanes lanes, Work work, int from, int count, int first, int at, int pitch) {
    int[] x = work.eight.pairs;
    int stride = work.stride;
    ShortVector s0 = ShortVector.zero(lanes.shorts());
    ShortVector s1 = s0;
    ShortVector s2 = s0;
    ShortVector s3 = s0;
    ShortVector s4 = s0;
    ShortVector s5 = s0;
    ShortVector s6 = s0;
    ShortVector s7 = s0;
    for (int k = from; k < from + count; k++) {
      ShortVector q = ShortVector.fromArray(lanes.shorts(), work.numbers, k * lanes.rows());
      int i = first + k;
      s0 = s0.add(q.mul(lanes.pair(x, i)));
      s1 = s1.add(q.mul(lanes.pair(x, i + stride)));
      s2 = s2.add(q.mul(lanes.pair(x, i + 2 * stride)));
      s3 = s3.add(q.mul(lanes.pair(x, i + 3 * stride)));
      s4 = s4.add(q.mul(lanes.pair(x, i + 4 * stride)));
      s5 = s5.add(q.mul(lanes.pair(x, i + 5 * stride)));
      s6 = s6.add(q.mul(lanes.pair(x, i + 6 * stride)));
      s7 = s7.add(q.mul(lanes.pair(x, i + 7 * stride)));
    }
    short[] to = work.products;
    s0.intoArray(to, at);
    s1.intoArray(to, at + pitch);
    s2.intoArray(to, at + 2 * pitch);
    s3.intoArray(to, at + 3 * pitch);
    s4.intoArray(to, at + 4 * pitch);
    s5.intoArray(to, at + 5 * pitch);
    s6.intoArray(to, at + 6 * pitch);
    s7.intoArray(to, at + 7 * pitch);
  }

  /** The same for four columns. */
  static void four(Lanes lanes, Work work, int runs, int run, int first) {
    int rows = lanes.rows();
    for (int r = 0; r < runs; r++) {
      four(lanes, work, r * run, run, first, r * rows, runs * rows);
    }
  }

  /** Even and odd numbers have sums of their own, so that no tree of operations has two loads. */
  private static void four(
      Lanes lanes, Work work, int from, int count, int first, int at, int pitch) {
    int[] x = work.eight.pairs;
    int stride = work.stride;
    ShortVector s0 = ShortVector.zero(lanes.shorts());
    ShortVector s1 = s0;
    ShortVector s2 = s0;
    ShortVector s3 = s0;
    ShortVector t0 = s0;
    ShortVector t1 = s0;
    ShortVector t2 = s0;
    ShortVector t3 = s0;
    for (int k = from; k < from + count; k += 2) {
      ShortVector q = ShortVector.fromArray(lanes.shorts(), work.numbers, k * lanes.rows());
      int i = first + k;
      s0 = s0.add(q.mul(lanes.pair(x, i)));
      s1 = s1.add(q.mul(lanes.pair(x, i + stride)));
      s2 = s2.add(q.mul(lanes.pair(x, i + 2 * stride)));
      s3 = s3.add(q.mul(lanes.pair(x, i + 3 * stride)));
      q = ShortVector.fromArray(lanes.shorts(), work.numbers, (k + 1) * lanes.rows());
      i++;
      t0 = t0.add(q.mul(lanes.pair(x, i)));
      t1 = t1.add(q.mul(lanes.pair(x, i + stride)));
      t2 = t2.add(q.mul(lanes.pair(x, i + 2 * stride)));
      t3 = t3.add(q.mul(lanes.pair(x, i + 3 * stride)));
    }
    short[] to = work.products;
    s0.add(t0).intoArray(to, at);
    s1.add(t1).intoArray(to, at + pitch);
    s2.add(t2).intoArray(to, at + 2 * pitch);
    s3.add(t3).intoArray(to, at + 3 * pitch);
  }
}
