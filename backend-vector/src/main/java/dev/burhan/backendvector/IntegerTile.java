package dev.burhan.backendvector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * The product of a chunk of a panel, {@code work.numbers} (count, rows), with activations in 8
 * bits. Sums of integers are exact, so one column and eight give the same bits.
 */
final class IntegerTile {
  static final int COLUMNS = 8;

  private IntegerTile() {}

  /**
   * Adds the sums of products in {@code work.products} (runs, rows), scaled by group, to the sums
   * of one column.
   *
   * @param run numbers that a sum is of: a group or half of one
   * @param group numbers that share a scale
   * @param first the number of the row that the chunk begins with
   */
  static void addScaled(Lanes lanes, Work work, int groups, int run, int group, int first) {
    for (int half = 0; half < lanes.rows(); half += lanes.floats().length()) {
      if (run == group) {
        addWhole(lanes, work, groups, group, first, half);
      } else {
        addHalves(lanes, work, groups, group, first, half);
      }
    }
  }

  private static void addWhole(Lanes lanes, Work work, int groups, int group, int first, int half) {
    FloatVector sum = FloatVector.fromArray(lanes.floats(), work.sums, half);
    for (int g = 0; g < groups; g++) {
      int i = g * lanes.rows() + half;
      sum = scaled(lanes, lanes.ints(work.products, i), work, i, first + g * group, sum);
    }
    sum.intoArray(work.sums, half);
  }

  private static void addHalves(
      Lanes lanes, Work work, int groups, int group, int first, int half) {
    int rows = lanes.rows();
    FloatVector sum = FloatVector.fromArray(lanes.floats(), work.sums, half);
    for (int g = 0; g < groups; g++) {
      int i = g * rows + half;
      IntVector products = lanes.ints(work.products, i + g * rows);
      products = products.add(lanes.ints(work.products, i + (g + 1) * rows));
      sum = scaled(lanes, products, work, i, first + g * group, sum);
    }
    sum.intoArray(work.sums, half);
  }

  /**
   * Adds the groups' offsets times their activations' sums to {@code work.shifts}, which are sums
   * of their own: so that their order does not depend on how a row is cut.
   */
  static void addOffsets(Lanes lanes, Work work, int groups, int group, int first, int to) {
    float[] x = group == 16 ? work.eight.scaledSums16 : work.eight.scaledSums32;
    int rows = lanes.rows();
    for (int half = 0; half < rows; half += lanes.floats().length()) {
      FloatVector sum = FloatVector.fromArray(lanes.floats(), work.shifts, to + half);
      for (int g = 0; g < groups; g++) {
        sum =
            FloatVector.fromArray(lanes.floats(), work.offsets, g * rows + half)
                .fma(FloatVector.broadcast(lanes.floats(), x[first / group + g]), sum);
      }
      sum.intoArray(work.shifts, to + half);
    }
  }

  private static FloatVector scaled(
      Lanes lanes, IntVector products, Work work, int scale, int x, FloatVector sum) {
    FloatVector scales =
        FloatVector.fromArray(lanes.floats(), work.scales, scale)
            .mul(FloatVector.broadcast(lanes.floats(), work.eight.scales[x / 32]));
    return lanes.toFloats(products).fma(scales, sum);
  }

  /**
   * Adds to the sums of eight columns: {@code work.sums} (columns, rows) from {@code sums} on.
   *
   * @param first the number in {@code work.eight} that the first column's part of the chunk begins
   *     with
   * @param stride from one column's numbers to the next one's, a multiple of 32
   */
  static void multiply(
      Lanes lanes,
      Work work,
      int sumsOf,
      int group,
      boolean offsets,
      int count,
      int first,
      int stride,
      int sums) {
    int rows = lanes.rows();
    for (int g = 0; g < count / group; g++) {
      for (int k = g * group; k < (g + 1) * group; k += sumsOf) {
        eight(lanes, work, k, sumsOf, first, stride);
        if (k == g * group) {
          set(lanes, work);
        } else {
          addTo(lanes, work);
        }
      }
      for (int half = 0; half < rows; half += lanes.floats().length()) {
        scaleEight(lanes, work, g * rows, half, first + g * group, stride, sums);
      }
    }
    for (int column = 0; offsets && column < COLUMNS; column++) {
      addOffsets(lanes, work, count / group, group, first + column * stride, sums + column * rows);
    }
  }

  private static void scaleEight(
      Lanes lanes, Work work, int scale, int half, int first, int stride, int sums) {
    for (int column = 0; column < COLUMNS; column++) {
      int x = first + column * stride;
      int i = column * lanes.rows() + half;
      IntVector products = IntVector.fromArray(lanes.ints(), work.ints, i);
      FloatVector sum = FloatVector.fromArray(lanes.floats(), work.sums, sums + i);
      sum = scaled(lanes, products, work, scale + half, x, sum);
      sum.intoArray(work.sums, sums + i);
    }
  }

  /** Writes sums of products of eight columns, in 16 bits, to {@code work.products}. */
  private static void eight(Lanes lanes, Work work, int from, int count, int first, int stride) {
    ShortVector s0 = ShortVector.zero(lanes.shorts());
    ShortVector s1 = s0;
    ShortVector s2 = s0;
    ShortVector s3 = s0;
    ShortVector s4 = s0;
    ShortVector s5 = s0;
    ShortVector s6 = s0;
    ShortVector s7 = s0;
    int[] x = work.eight.pairs;
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
    int rows = lanes.rows();
    s0.intoArray(work.products, 0);
    s1.intoArray(work.products, rows);
    s2.intoArray(work.products, 2 * rows);
    s3.intoArray(work.products, 3 * rows);
    s4.intoArray(work.products, 4 * rows);
    s5.intoArray(work.products, 5 * rows);
    s6.intoArray(work.products, 6 * rows);
    s7.intoArray(work.products, 7 * rows);
  }

  private static void set(Lanes lanes, Work work) {
    int rows = lanes.rows();
    for (int i = 0; i < COLUMNS * rows; i += rows) {
      ShortVector s = ShortVector.fromArray(lanes.shorts(), work.products, i);
      lanes.lowInts(s).intoArray(work.ints, i);
      lanes.highInts(s).intoArray(work.ints, i + rows / 2);
    }
  }

  private static void addTo(Lanes lanes, Work work) {
    int rows = lanes.rows();
    int half = rows / 2;
    for (int i = 0; i < COLUMNS * rows; i += rows) {
      ShortVector s = ShortVector.fromArray(lanes.shorts(), work.products, i);
      IntVector low = IntVector.fromArray(lanes.ints(), work.ints, i);
      IntVector high = IntVector.fromArray(lanes.ints(), work.ints, i + half);
      low.add(lanes.lowInts(s)).intoArray(work.ints, i);
      high.add(lanes.highInts(s)).intoArray(work.ints, i + half);
    }
  }
}
