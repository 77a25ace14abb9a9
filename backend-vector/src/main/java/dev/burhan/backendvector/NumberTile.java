package dev.burhan.backendvector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/** The F32 product of integers, {@code work.numbers} (count, rows), with one column. */
final class NumberTile {
  private NumberTile() {}

  /**
   * Adds to the sums {@code work.sums} at {@code work.to}: the same steps as {@link
   * FloatTile#column} with numbers that were scaled before.
   *
   * @param first number of the row, in {@code work.x}, that the groups begin with
   */
  static void column(Lanes lanes, Work work, int groups, int group, int first) {
    int rows = lanes.rows();
    int half = rows / 2;
    FloatVector sum0 = FloatVector.fromArray(lanes.floats(), work.sums, work.to);
    FloatVector sum1 = FloatVector.fromArray(lanes.floats(), work.sums, work.to + half);
    for (int g = 0; g < groups; g++) {
      FloatVector d0 = FloatVector.fromArray(lanes.floats(), work.scales, g * rows);
      FloatVector d1 = FloatVector.fromArray(lanes.floats(), work.scales, g * rows + half);
      for (int k = g * group; k < (g + 1) * group; k++) {
        FloatVector x = FloatVector.broadcast(lanes.floats(), work.x[first + k]);
        ShortVector q = ShortVector.fromArray(lanes.shorts(), work.numbers, k * rows);
        sum0 = lanes.low(q).mul(d0).fma(x, sum0);
        sum1 = lanes.high(q).mul(d1).fma(x, sum1);
      }
    }
    sum0.intoArray(work.sums, work.to);
    sum1.intoArray(work.sums, work.to + half);
  }
}
