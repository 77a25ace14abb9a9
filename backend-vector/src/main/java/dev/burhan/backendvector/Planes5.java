package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * 5-bit integers: a vector of sixteen fifth bits, then the low four bits as {@link Planes4}. What a
 * run needs first comes first: memory is read in order, or prefetching fails.
 */
final class Planes5 extends Planes {
  private static final int BYTES = 10;
  private static final int LOW = 0xf000f;
  private static final int FIFTH = 0x100010;
  private static final int FIRST_PAIRS = 0x3333;

  Planes5(Lanes lanes) {
    super(lanes, 16, BYTES, 16);
  }

  @Override
  boolean assembled() {
    return true;
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    put(panel, to, 0, row, pairs(ones(q, at, 4), FIRST_PAIRS));
    for (int i = 0; i < 4; i++) {
      put(panel, to, i + 1, row, nibbles(q, at + 4 * i));
    }
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    IntVector fifth = lanes.all(FIFTH);
    int rows = lanes.rows();
    for (int run = 0; run < runs; run++) {
      long from = at + (long) run * BYTES * rows;
      IntVector f = vector(w, from, 0);
      for (int i = 0; i < 4; i++) {
        IntVector v = vector(w, from, i + 1);
        int out = (run * 16 + i * 4) * rows;
        centred(v.and(low).or(f.lanewise(LSHL, 4).and(fifth)), work.numbers, out);
        centred(
            v.lanewise(LSHR, 4).and(low).or(f.lanewise(LSHL, 3).and(fifth)),
            work.numbers,
            out + rows);
        centred(
            v.lanewise(LSHR, 8).and(low).or(f.lanewise(LSHR, 4).and(fifth)),
            work.numbers,
            out + 2 * rows);
        centred(
            v.lanewise(LSHR, 12).and(low).or(f.lanewise(LSHR, 5).and(fifth)),
            work.numbers,
            out + 3 * rows);
        f = f.lanewise(LSHR, 2);
      }
    }
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    IntVector fifth = lanes.all(FIFTH);
    int[] x = work.eight.pairs;
    short[] to = work.products;
    int rows = lanes.rows(); // a call in the loop would cost as much as the loop
    for (int run = 0; run < runs; run++) {
      int k = first + run * 16;
      long from = at + (long) run * BYTES * rows;
      ShortVector sum = start(work.eight.sums16, k / 16);
      IntVector f = vector(w, from, 0);
      for (int i = 0; i < 4; i++) {
        IntVector v = vector(w, from, i + 1);
        int j = k + 4 * i;
        sum = add(sum, v.and(low).or(f.lanewise(LSHL, 4).and(fifth)), x, j);
        sum = add(sum, v.lanewise(LSHR, 4).and(low).or(f.lanewise(LSHL, 3).and(fifth)), x, j + 1);
        sum = add(sum, v.lanewise(LSHR, 8).and(low).or(f.lanewise(LSHR, 4).and(fifth)), x, j + 2);
        sum = add(sum, v.lanewise(LSHR, 12).and(low).or(f.lanewise(LSHR, 5).and(fifth)), x, j + 3);
        f = f.lanewise(LSHR, 2);
      }
      sum.intoArray(to, run * rows);
    }
  }
}
