package dev.burhan.backendvector;

import jdk.incubator.vector.FloatVector;

/**
 * The F32 product of a chunk of a panel, {@code work.floats} (count, rows), with activations {@code
 * work.x} (columns, {@link Work#CHUNK}): two vectors of rows by six, four or two columns in
 * registers. Each sum is one accumulator over k ascending, with fma, whatever the number of
 * columns: so a column's bits do not depend on its company.
 */
final class FloatTile {
  /** Columns of the widest tile. */
  static final int COLUMNS = 6;

  private final Lanes lanes;
  private final Stage six;
  private final Stage four;
  private final Stage two;

  FloatTile(Lanes lanes) {
    this.lanes = lanes;
    this.six = (w, at, x, count, work) -> six(lanes, work, count, x, Work.CHUNK, work.to);
    this.four = (w, at, x, count, work) -> four(lanes, work, count, x, Work.CHUNK, work.to);
    this.two = (w, at, x, count, work) -> two(lanes, work, count, x, Work.CHUNK, work.to);
  }

  /** Columns of which sums are written where so many are asked for. */
  static int padded(int columns) {
    return columns + (columns & 1);
  }

  /**
   * Adds to the sums of so many columns, {@code work.sums} ({@link #padded} columns, rows) from
   * {@code sums} on.
   *
   * @param count numbers of the chunk
   */
  void multiply(Work work, int columns, int count, int sums) {
    for (int c = 0; c < columns; ) {
      int width = width(columns - c);
      work.to = sums + c * lanes.rows();
      Stage tile = width == COLUMNS ? six : width == 4 ? four : two;
      Stage.run(tile, null, 0, c * Work.CHUNK, count, work);
      c += width;
    }
  }

  /** How many of the columns that are left are taken at once, so that fewest are taken in vain. */
  private static int width(int left) {
    if (left <= 2) {
      return 2;
    }
    return left <= 4 || left == 7 || left == 8 ? 4 : COLUMNS;
  }

  private static void six(Lanes lanes, Work work, int count, int x, int stride, int sums) {
    float[] y = work.sums;
    float[] in = work.x;
    float[] w = work.floats;
    int v = lanes.floats().length();
    FloatVector a0 = load(lanes, y, sums);
    FloatVector b0 = load(lanes, y, sums + v);
    FloatVector a1 = load(lanes, y, sums + 2 * v);
    FloatVector b1 = load(lanes, y, sums + 3 * v);
    FloatVector a2 = load(lanes, y, sums + 4 * v);
    FloatVector b2 = load(lanes, y, sums + 5 * v);
    FloatVector a3 = load(lanes, y, sums + 6 * v);
    FloatVector b3 = load(lanes, y, sums + 7 * v);
    FloatVector a4 = load(lanes, y, sums + 8 * v);
    FloatVector b4 = load(lanes, y, sums + 9 * v);
    FloatVector a5 = load(lanes, y, sums + 10 * v);
    FloatVector b5 = load(lanes, y, sums + 11 * v);
    for (int k = 0; k < count; k++) {
      FloatVector wa = load(lanes, w, k * 2 * v);
      FloatVector wb = load(lanes, w, k * 2 * v + v);
      int i = x + k;
      FloatVector x0 = all(lanes, in[i]);
      a0 = wa.fma(x0, a0);
      b0 = wb.fma(x0, b0);
      FloatVector x1 = all(lanes, in[i + stride]);
      a1 = wa.fma(x1, a1);
      b1 = wb.fma(x1, b1);
      FloatVector x2 = all(lanes, in[i + 2 * stride]);
      a2 = wa.fma(x2, a2);
      b2 = wb.fma(x2, b2);
      FloatVector x3 = all(lanes, in[i + 3 * stride]);
      a3 = wa.fma(x3, a3);
      b3 = wb.fma(x3, b3);
      FloatVector x4 = all(lanes, in[i + 4 * stride]);
      a4 = wa.fma(x4, a4);
      b4 = wb.fma(x4, b4);
      FloatVector x5 = all(lanes, in[i + 5 * stride]);
      a5 = wa.fma(x5, a5);
      b5 = wb.fma(x5, b5);
    }
    a0.intoArray(y, sums);
    b0.intoArray(y, sums + v);
    a1.intoArray(y, sums + 2 * v);
    b1.intoArray(y, sums + 3 * v);
    a2.intoArray(y, sums + 4 * v);
    b2.intoArray(y, sums + 5 * v);
    a3.intoArray(y, sums + 6 * v);
    b3.intoArray(y, sums + 7 * v);
    a4.intoArray(y, sums + 8 * v);
    b4.intoArray(y, sums + 9 * v);
    a5.intoArray(y, sums + 10 * v);
    b5.intoArray(y, sums + 11 * v);
  }

  private static void four(Lanes lanes, Work work, int count, int x, int stride, int sums) {
    float[] y = work.sums;
    float[] in = work.x;
    float[] w = work.floats;
    int v = lanes.floats().length();
    FloatVector a0 = load(lanes, y, sums);
    FloatVector b0 = load(lanes, y, sums + v);
    FloatVector a1 = load(lanes, y, sums + 2 * v);
    FloatVector b1 = load(lanes, y, sums + 3 * v);
    FloatVector a2 = load(lanes, y, sums + 4 * v);
    FloatVector b2 = load(lanes, y, sums + 5 * v);
    FloatVector a3 = load(lanes, y, sums + 6 * v);
    FloatVector b3 = load(lanes, y, sums + 7 * v);
    for (int k = 0; k < count; k++) {
      FloatVector wa = load(lanes, w, k * 2 * v);
      FloatVector wb = load(lanes, w, k * 2 * v + v);
      int i = x + k;
      FloatVector x0 = all(lanes, in[i]);
      a0 = wa.fma(x0, a0);
      b0 = wb.fma(x0, b0);
      FloatVector x1 = all(lanes, in[i + stride]);
      a1 = wa.fma(x1, a1);
      b1 = wb.fma(x1, b1);
      FloatVector x2 = all(lanes, in[i + 2 * stride]);
      a2 = wa.fma(x2, a2);
      b2 = wb.fma(x2, b2);
      FloatVector x3 = all(lanes, in[i + 3 * stride]);
      a3 = wa.fma(x3, a3);
      b3 = wb.fma(x3, b3);
    }
    a0.intoArray(y, sums);
    b0.intoArray(y, sums + v);
    a1.intoArray(y, sums + 2 * v);
    b1.intoArray(y, sums + 3 * v);
    a2.intoArray(y, sums + 4 * v);
    b2.intoArray(y, sums + 5 * v);
    a3.intoArray(y, sums + 6 * v);
    b3.intoArray(y, sums + 7 * v);
  }

  private static void two(Lanes lanes, Work work, int count, int x, int stride, int sums) {
    float[] y = work.sums;
    float[] in = work.x;
    float[] w = work.floats;
    int v = lanes.floats().length();
    FloatVector a0 = load(lanes, y, sums);
    FloatVector b0 = load(lanes, y, sums + v);
    FloatVector a1 = load(lanes, y, sums + 2 * v);
    FloatVector b1 = load(lanes, y, sums + 3 * v);
    for (int k = 0; k < count; k++) {
      FloatVector wa = load(lanes, w, k * 2 * v);
      FloatVector wb = load(lanes, w, k * 2 * v + v);
      int i = x + k;
      FloatVector x0 = all(lanes, in[i]);
      a0 = wa.fma(x0, a0);
      b0 = wb.fma(x0, b0);
      FloatVector x1 = all(lanes, in[i + stride]);
      a1 = wa.fma(x1, a1);
      b1 = wb.fma(x1, b1);
    }
    a0.intoArray(y, sums);
    b0.intoArray(y, sums + v);
    a1.intoArray(y, sums + 2 * v);
    b1.intoArray(y, sums + 3 * v);
  }

  /** The same for one column, whose number {@code k} of the chunk is {@code work.x[x + k]}. */
  static void column(Lanes lanes, Work work, int count, int x, int sums) {
    int v = lanes.floats().length();
    FloatVector a = load(lanes, work.sums, sums);
    FloatVector b = load(lanes, work.sums, sums + v);
    for (int k = 0; k < count; k++) {
      FloatVector in = all(lanes, work.x[x + k]);
      a = load(lanes, work.floats, k * 2 * v).fma(in, a);
      b = load(lanes, work.floats, k * 2 * v + v).fma(in, b);
    }
    a.intoArray(work.sums, sums);
    b.intoArray(work.sums, sums + v);
  }

  private static FloatVector load(Lanes lanes, float[] from, int at) {
    return FloatVector.fromArray(lanes.floats(), from, at);
  }

  private static FloatVector all(Lanes lanes, float x) {
    return FloatVector.broadcast(lanes.floats(), x);
  }
}
