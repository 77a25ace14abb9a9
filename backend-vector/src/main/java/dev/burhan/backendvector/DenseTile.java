package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Dot products of F32 rows, a register tile at a time: 4 rows with 4, 2 or 1 columns. Each product
 * has one vector of sums; lane l adds the products of the numbers l, l + lanes, l + 2 lanes and so
 * on by fma, in ascending order. So a product's bits do not depend on the tile it was computed in.
 * Sums lie in memory between calls, 4 vectors (one a row) for each column.
 *
 * <p>The caller guarantees that rows and columns have {@code count} numbers at their offsets; the
 * methods are small on purpose: one that grows is no longer compiled to vector instructions.
 */
final class DenseTile {
  private final Lanes lanes;

  DenseTile(Lanes lanes) {
    this.lanes = lanes;
  }

  private FloatVector load(MemorySegment from, long at) {
    return FloatVector.fromMemorySegment(lanes.floats(), from, at, LE);
  }

  /** Adds 4 rows times 4 columns over the whole vectors of {@code count} numbers. */
  void tile4x4(
      MemorySegment w,
      long w0,
      long w1,
      long w2,
      long w3,
      MemorySegment x,
      long x0,
      long x1,
      long x2,
      long x3,
      int count,
      MemorySegment sums,
      long at) {
    int step = lanes.floats().length();
    long size = lanes.floats().vectorByteSize();
    FloatVector s00 = load(sums, at);
    FloatVector s01 = load(sums, at + size);
    FloatVector s02 = load(sums, at + 2 * size);
    FloatVector s03 = load(sums, at + 3 * size);
    FloatVector s10 = load(sums, at + 4 * size);
    FloatVector s11 = load(sums, at + 5 * size);
    FloatVector s12 = load(sums, at + 6 * size);
    FloatVector s13 = load(sums, at + 7 * size);
    FloatVector s20 = load(sums, at + 8 * size);
    FloatVector s21 = load(sums, at + 9 * size);
    FloatVector s22 = load(sums, at + 10 * size);
    FloatVector s23 = load(sums, at + 11 * size);
    FloatVector s30 = load(sums, at + 12 * size);
    FloatVector s31 = load(sums, at + 13 * size);
    FloatVector s32 = load(sums, at + 14 * size);
    FloatVector s33 = load(sums, at + 15 * size);
    for (int i = 0; i <= count - step; i += step) {
      long o = i * 4L;
      FloatVector r0 = load(w, w0 + o);
      FloatVector r1 = load(w, w1 + o);
      FloatVector r2 = load(w, w2 + o);
      FloatVector r3 = load(w, w3 + o);
      FloatVector c0 = load(x, x0 + o);
      s00 = r0.fma(c0, s00);
      s01 = r1.fma(c0, s01);
      s02 = r2.fma(c0, s02);
      s03 = r3.fma(c0, s03);
      FloatVector c1 = load(x, x1 + o);
      s10 = r0.fma(c1, s10);
      s11 = r1.fma(c1, s11);
      s12 = r2.fma(c1, s12);
      s13 = r3.fma(c1, s13);
      FloatVector c2 = load(x, x2 + o);
      s20 = r0.fma(c2, s20);
      s21 = r1.fma(c2, s21);
      s22 = r2.fma(c2, s22);
      s23 = r3.fma(c2, s23);
      FloatVector c3 = load(x, x3 + o);
      s30 = r0.fma(c3, s30);
      s31 = r1.fma(c3, s31);
      s32 = r2.fma(c3, s32);
      s33 = r3.fma(c3, s33);
    }
    s00.intoMemorySegment(sums, at, LE);
    s01.intoMemorySegment(sums, at + size, LE);
    s02.intoMemorySegment(sums, at + 2 * size, LE);
    s03.intoMemorySegment(sums, at + 3 * size, LE);
    s10.intoMemorySegment(sums, at + 4 * size, LE);
    s11.intoMemorySegment(sums, at + 5 * size, LE);
    s12.intoMemorySegment(sums, at + 6 * size, LE);
    s13.intoMemorySegment(sums, at + 7 * size, LE);
    s20.intoMemorySegment(sums, at + 8 * size, LE);
    s21.intoMemorySegment(sums, at + 9 * size, LE);
    s22.intoMemorySegment(sums, at + 10 * size, LE);
    s23.intoMemorySegment(sums, at + 11 * size, LE);
    s30.intoMemorySegment(sums, at + 12 * size, LE);
    s31.intoMemorySegment(sums, at + 13 * size, LE);
    s32.intoMemorySegment(sums, at + 14 * size, LE);
    s33.intoMemorySegment(sums, at + 15 * size, LE);
  }

  /** Adds 4 rows times 2 columns over the whole vectors of {@code count} numbers. */
  void tile4x2(
      MemorySegment w,
      long w0,
      long w1,
      long w2,
      long w3,
      MemorySegment x,
      long x0,
      long x1,
      int count,
      MemorySegment sums,
      long at) {
    int step = lanes.floats().length();
    long size = lanes.floats().vectorByteSize();
    FloatVector s00 = load(sums, at);
    FloatVector s01 = load(sums, at + size);
    FloatVector s02 = load(sums, at + 2 * size);
    FloatVector s03 = load(sums, at + 3 * size);
    FloatVector s10 = load(sums, at + 4 * size);
    FloatVector s11 = load(sums, at + 5 * size);
    FloatVector s12 = load(sums, at + 6 * size);
    FloatVector s13 = load(sums, at + 7 * size);
    for (int i = 0; i <= count - step; i += step) {
      long o = i * 4L;
      FloatVector r0 = load(w, w0 + o);
      FloatVector r1 = load(w, w1 + o);
      FloatVector r2 = load(w, w2 + o);
      FloatVector r3 = load(w, w3 + o);
      FloatVector c0 = load(x, x0 + o);
      s00 = r0.fma(c0, s00);
      s01 = r1.fma(c0, s01);
      s02 = r2.fma(c0, s02);
      s03 = r3.fma(c0, s03);
      FloatVector c1 = load(x, x1 + o);
      s10 = r0.fma(c1, s10);
      s11 = r1.fma(c1, s11);
      s12 = r2.fma(c1, s12);
      s13 = r3.fma(c1, s13);
    }
    s00.intoMemorySegment(sums, at, LE);
    s01.intoMemorySegment(sums, at + size, LE);
    s02.intoMemorySegment(sums, at + 2 * size, LE);
    s03.intoMemorySegment(sums, at + 3 * size, LE);
    s10.intoMemorySegment(sums, at + 4 * size, LE);
    s11.intoMemorySegment(sums, at + 5 * size, LE);
    s12.intoMemorySegment(sums, at + 6 * size, LE);
    s13.intoMemorySegment(sums, at + 7 * size, LE);
  }

  /** Adds 4 rows times 1 column over the whole vectors of {@code count} numbers. */
  void tile4x1(
      MemorySegment w,
      long w0,
      long w1,
      long w2,
      long w3,
      MemorySegment x,
      long x0,
      int count,
      MemorySegment sums,
      long at) {
    int step = lanes.floats().length();
    long size = lanes.floats().vectorByteSize();
    FloatVector s00 = load(sums, at);
    FloatVector s01 = load(sums, at + size);
    FloatVector s02 = load(sums, at + 2 * size);
    FloatVector s03 = load(sums, at + 3 * size);
    for (int i = 0; i <= count - step; i += step) {
      long o = i * 4L;
      FloatVector r0 = load(w, w0 + o);
      FloatVector r1 = load(w, w1 + o);
      FloatVector r2 = load(w, w2 + o);
      FloatVector r3 = load(w, w3 + o);
      FloatVector c0 = load(x, x0 + o);
      s00 = r0.fma(c0, s00);
      s01 = r1.fma(c0, s01);
      s02 = r2.fma(c0, s02);
      s03 = r3.fma(c0, s03);
    }
    s00.intoMemorySegment(sums, at, LE);
    s01.intoMemorySegment(sums, at + size, LE);
    s02.intoMemorySegment(sums, at + 2 * size, LE);
    s03.intoMemorySegment(sums, at + 3 * size, LE);
  }

  /** Adds one row times one column over the numbers after the last whole vector. */
  void tail(
      MemorySegment w,
      long wAt,
      MemorySegment x,
      long xAt,
      int count,
      MemorySegment sums,
      long at) {
    int rest = count % lanes.floats().length();
    long o = (count - rest) * 4L;
    VectorMask<Float> mask = lanes.floats().indexInRange(0, rest);
    FloatVector row = FloatVector.fromMemorySegment(lanes.floats(), w, wAt + o, LE, mask);
    FloatVector column = FloatVector.fromMemorySegment(lanes.floats(), x, xAt + o, LE, mask);
    row.fma(column, load(sums, at)).intoMemorySegment(sums, at, LE);
  }
}
