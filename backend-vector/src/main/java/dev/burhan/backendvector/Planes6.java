package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * 6-bit integers: a vector of eight numbers' high two bits, then the low four as {@link Planes4}.
 */
final class Planes6 extends Planes {
  private static final int BYTES = 6;
  private static final int LOW = 0xf000f;
  private static final int HIGH = 0x300030;
  private static final int FIRST_PAIRS = 0x0f0f;

  Planes6(Lanes lanes) {
    super(lanes, 8, BYTES, 32);
  }

  @Override
  boolean assembled() {
    return true;
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    put(panel, to, 0, row, pairs(twos(q, at, 4), FIRST_PAIRS));
    put(panel, to, 1, row, nibbles(q, at));
    put(panel, to, 2, row, nibbles(q, at + 4));
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    IntVector high = lanes.all(HIGH);
    int rows = lanes.rows();
    for (int run = 0; run < runs; run++) {
      long from = at + (long) run * BYTES * rows;
      IntVector h = vector(w, from, 0);
      for (int i = 0; i < 2; i++) {
        IntVector v = vector(w, from, i + 1);
        int out = (run * 8 + i * 4) * rows;
        centred(v.and(low).or(h.lanewise(LSHL, 4).and(high)), work.numbers, out);
        centred(
            v.lanewise(LSHR, 4).and(low).or(h.lanewise(LSHL, 2).and(high)),
            work.numbers,
            out + rows);
        centred(
            v.lanewise(LSHR, 8).and(low).or(h.lanewise(LSHR, 4).and(high)),
            work.numbers,
            out + 2 * rows);
        centred(
            v.lanewise(LSHR, 12).and(low).or(h.lanewise(LSHR, 6).and(high)),
            work.numbers,
            out + 3 * rows);
        h = h.lanewise(LSHR, 4);
      }
    }
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    IntVector high = lanes.all(HIGH);
    int[] x = work.eight.pairs;
    short[] to = work.products;
    int rows = lanes.rows(); // a call in the loop would cost as much as the loop
    for (int run = 0; run < runs; run++) {
      int k = first + run * 8;
      long from = at + (long) run * BYTES * rows;
      ShortVector sum = start(work.eight.sums8, k / 8);
      IntVector h = vector(w, from, 0);
      for (int i = 0; i < 2; i++) {
        IntVector v = vector(w, from, i + 1);
        int j = k + 4 * i;
        sum = add(sum, v.and(low).or(h.lanewise(LSHL, 4).and(high)), x, j);
        sum = add(sum, v.lanewise(LSHR, 4).and(low).or(h.lanewise(LSHL, 2).and(high)), x, j + 1);
        sum = add(sum, v.lanewise(LSHR, 8).and(low).or(h.lanewise(LSHR, 4).and(high)), x, j + 2);
        sum = add(sum, v.lanewise(LSHR, 12).and(low).or(h.lanewise(LSHR, 6).and(high)), x, j + 3);
        h = h.lanewise(LSHR, 4);
      }
      sum.intoArray(to, run * rows);
    }
  }
}
