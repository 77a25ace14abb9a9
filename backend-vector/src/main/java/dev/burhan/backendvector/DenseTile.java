package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Dot products of F32 rows, a register tile at a time: 4 rows with 4, 2 or 1 columns. Each product
 * has one vector of sums; lane l adds the products of the numbers l, l + lanes, l + 2 lanes and so
 * on by fma, in ascending order. So a product's bits do not depend on the tile it was computed in.
 * A call writes 4 vectors of sums (one a row) for each column.
 *
 * <p>The caller guarantees that rows and columns have {@code count} numbers at their offsets. The
 * methods are small on purpose: one that grows is no longer compiled to vector instructions (some
 * 30 vector operations are the most that C2 inlines into one method).
 */
final class DenseTile {
  private final Lanes lanes;

  DenseTile(Lanes lanes) {
    this.lanes = lanes;
  }

  private FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(lanes.floats(), from, at);
  }

  private FloatVector load(MemorySegment from, long at) {
    return FloatVector.fromMemorySegment(lanes.floats(), from, at, LE);
  }

  /**
   * Multiplies 4 rows by 4 columns over the whole vectors of {@code count} numbers.
   *
   * @param stride numbers from one row to the next
   */
  void tile4x4(
      float[] w,
      int at,
      int stride,
      MemorySegment x,
      long x0,
      long x1,
      long x2,
      long x3,
      int count,
      float[] sums) {
    int step = lanes.floats().length();
    int w1 = at + stride;
    int w2 = w1 + stride;
    int w3 = w2 + stride;
    FloatVector s00 = FloatVector.zero(lanes.floats());
    FloatVector s01 = FloatVector.zero(lanes.floats());
    FloatVector s02 = FloatVector.zero(lanes.floats());
    FloatVector s03 = FloatVector.zero(lanes.floats());
    FloatVector s10 = FloatVector.zero(lanes.floats());
    FloatVector s11 = FloatVector.zero(lanes.floats());
    FloatVector s12 = FloatVector.zero(lanes.floats());
    FloatVector s13 = FloatVector.zero(lanes.floats());
    FloatVector s20 = FloatVector.zero(lanes.floats());
    FloatVector s21 = FloatVector.zero(lanes.floats());
    FloatVector s22 = FloatVector.zero(lanes.floats());
    FloatVector s23 = FloatVector.zero(lanes.floats());
    FloatVector s30 = FloatVector.zero(lanes.floats());
    FloatVector s31 = FloatVector.zero(lanes.floats());
    FloatVector s32 = FloatVector.zero(lanes.floats());
    FloatVector s33 = FloatVector.zero(lanes.floats());
    for (int i = 0; i <= count - step; i += step) {
      FloatVector r0 = load(w, at + i);
      FloatVector r1 = load(w, w1 + i);
      FloatVector r2 = load(w, w2 + i);
      FloatVector r3 = load(w, w3 + i);
      FloatVector c0 = load(x, x0 + i * 4L);
      s00 = r0.fma(c0, s00);
      s01 = r1.fma(c0, s01);
      s02 = r2.fma(c0, s02);
      s03 = r3.fma(c0, s03);
      FloatVector c1 = load(x, x1 + i * 4L);
      s10 = r0.fma(c1, s10);
      s11 = r1.fma(c1, s11);
      s12 = r2.fma(c1, s12);
      s13 = r3.fma(c1, s13);
      FloatVector c2 = load(x, x2 + i * 4L);
      s20 = r0.fma(c2, s20);
      s21 = r1.fma(c2, s21);
      s22 = r2.fma(c2, s22);
      s23 = r3.fma(c2, s23);
      FloatVector c3 = load(x, x3 + i * 4L);
      s30 = r0.fma(c3, s30);
      s31 = r1.fma(c3, s31);
      s32 = r2.fma(c3, s32);
      s33 = r3.fma(c3, s33);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, step);
    s02.intoArray(sums, 2 * step);
    s03.intoArray(sums, 3 * step);
    s10.intoArray(sums, 4 * step);
    s11.intoArray(sums, 5 * step);
    s12.intoArray(sums, 6 * step);
    s13.intoArray(sums, 7 * step);
    s20.intoArray(sums, 8 * step);
    s21.intoArray(sums, 9 * step);
    s22.intoArray(sums, 10 * step);
    s23.intoArray(sums, 11 * step);
    s30.intoArray(sums, 12 * step);
    s31.intoArray(sums, 13 * step);
    s32.intoArray(sums, 14 * step);
    s33.intoArray(sums, 15 * step);
  }

  /**
   * Multiplies 4 rows by 2 columns over the whole vectors of {@code count} numbers.
   *
   * @param stride numbers from one row to the next
   */
  void tile4x2(
      float[] w, int at, int stride, MemorySegment x, long x0, long x1, int count, float[] sums) {
    int step = lanes.floats().length();
    int w1 = at + stride;
    int w2 = w1 + stride;
    int w3 = w2 + stride;
    FloatVector s00 = FloatVector.zero(lanes.floats());
    FloatVector s01 = FloatVector.zero(lanes.floats());
    FloatVector s02 = FloatVector.zero(lanes.floats());
    FloatVector s03 = FloatVector.zero(lanes.floats());
    FloatVector s10 = FloatVector.zero(lanes.floats());
    FloatVector s11 = FloatVector.zero(lanes.floats());
    FloatVector s12 = FloatVector.zero(lanes.floats());
    FloatVector s13 = FloatVector.zero(lanes.floats());
    for (int i = 0; i <= count - step; i += step) {
      FloatVector r0 = load(w, at + i);
      FloatVector r1 = load(w, w1 + i);
      FloatVector r2 = load(w, w2 + i);
      FloatVector r3 = load(w, w3 + i);
      FloatVector c0 = load(x, x0 + i * 4L);
      s00 = r0.fma(c0, s00);
      s01 = r1.fma(c0, s01);
      s02 = r2.fma(c0, s02);
      s03 = r3.fma(c0, s03);
      FloatVector c1 = load(x, x1 + i * 4L);
      s10 = r0.fma(c1, s10);
      s11 = r1.fma(c1, s11);
      s12 = r2.fma(c1, s12);
      s13 = r3.fma(c1, s13);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, step);
    s02.intoArray(sums, 2 * step);
    s03.intoArray(sums, 3 * step);
    s10.intoArray(sums, 4 * step);
    s11.intoArray(sums, 5 * step);
    s12.intoArray(sums, 6 * step);
    s13.intoArray(sums, 7 * step);
  }

  /**
   * Multiplies 4 rows by 1 column over the whole vectors of {@code count} numbers.
   *
   * @param stride numbers from one row to the next
   */
  void tile4x1(float[] w, int at, int stride, MemorySegment x, long x0, int count, float[] sums) {
    int step = lanes.floats().length();
    int w1 = at + stride;
    int w2 = w1 + stride;
    int w3 = w2 + stride;
    FloatVector s00 = FloatVector.zero(lanes.floats());
    FloatVector s01 = FloatVector.zero(lanes.floats());
    FloatVector s02 = FloatVector.zero(lanes.floats());
    FloatVector s03 = FloatVector.zero(lanes.floats());
    for (int i = 0; i <= count - step; i += step) {
      FloatVector r0 = load(w, at + i);
      FloatVector r1 = load(w, w1 + i);
      FloatVector r2 = load(w, w2 + i);
      FloatVector r3 = load(w, w3 + i);
      FloatVector c0 = load(x, x0 + i * 4L);
      s00 = r0.fma(c0, s00);
      s01 = r1.fma(c0, s01);
      s02 = r2.fma(c0, s02);
      s03 = r3.fma(c0, s03);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, step);
    s02.intoArray(sums, 2 * step);
    s03.intoArray(sums, 3 * step);
  }

  /** Adds one row times one column over the numbers after the last whole vector. */
  void tail(float[] w, int wAt, MemorySegment x, long xAt, int count, float[] sums, int at) {
    int rest = count % lanes.floats().length();
    int o = count - rest;
    VectorMask<Float> mask = lanes.floats().indexInRange(0, rest);
    FloatVector row = FloatVector.fromArray(lanes.floats(), w, wAt + o, mask);
    FloatVector column = FloatVector.fromMemorySegment(lanes.floats(), x, xAt + o * 4L, LE, mask);
    row.fma(column, load(sums, at)).intoArray(sums, at);
  }
}
