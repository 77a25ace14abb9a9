package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** 3-bit integers: a vector of sixteen third bits, then the low two as {@link Planes2}. */
final class Planes3 extends Planes {
  private static final int BYTES = 6;
  private static final int LOW = 0x30003;
  private static final int THIRD = 0x40004;

  Planes3(Lanes lanes) {
    super(lanes, 16, BYTES, 4);
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    put(panel, to, 0, row, ones(q, at, 2));
    put(panel, to, 1, row, twos(q, at, 0));
    put(panel, to, 2, row, twos(q, at + 8, 0));
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    IntVector third = lanes.all(THIRD);
    int rows = lanes.rows();
    for (int run = 0; run < runs; run++) {
      long from = at + (long) run * BYTES * rows;
      IntVector t = vector(w, from, 0);
      for (int i = 0; i < 4; i++) {
        IntVector v = vector(w, from, 1 + i / 2).lanewise(LSHR, i % 2 * 8);
        int out = (run * 16 + i * 4) * rows;
        centred(v.and(low).or(t.lanewise(LSHL, 2).and(third)), work.numbers, out);
        centred(
            v.lanewise(LSHR, 2).and(low).or(t.lanewise(LSHL, 1).and(third)),
            work.numbers,
            out + rows);
        centred(v.lanewise(LSHR, 4).and(low).or(t.and(third)), work.numbers, out + 2 * rows);
        centred(
            v.lanewise(LSHR, 6).and(low).or(t.lanewise(LSHR, 1).and(third)),
            work.numbers,
            out + 3 * rows);
        t = t.lanewise(LSHR, 4);
      }
    }
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    IntVector third = lanes.all(THIRD);
    int[] x = work.eight.pairs;
    short[] to = work.products;
    int rows = lanes.rows(); // a call in the loop would cost as much as the loop
    for (int run = 0; run < runs; run++) {
      int k = first + run * 16;
      long from = at + (long) run * BYTES * rows;
      ShortVector sum = start(work.eight.sums16, k / 16);
      IntVector t = vector(w, from, 0);
      for (int i = 0; i < 4; i++) {
        IntVector v = vector(w, from, 1 + i / 2).lanewise(LSHR, i % 2 * 8);
        int j = k + 4 * i;
        sum = add(sum, v.and(low).or(t.lanewise(LSHL, 2).and(third)), x, j);
        sum = add(sum, v.lanewise(LSHR, 2).and(low).or(t.lanewise(LSHL, 1).and(third)), x, j + 1);
        sum = add(sum, v.lanewise(LSHR, 4).and(low).or(t.and(third)), x, j + 2);
        sum = add(sum, v.lanewise(LSHR, 6).and(low).or(t.lanewise(LSHR, 1).and(third)), x, j + 3);
        t = t.lanewise(LSHR, 4);
      }
      sum.intoArray(to, run * rows);
    }
  }
}
