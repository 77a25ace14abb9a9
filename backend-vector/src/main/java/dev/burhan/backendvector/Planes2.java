package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** 2-bit integers, not centred: two vectors of eight numbers each. */
final class Planes2 extends Planes {
  private static final int BYTES = 4;
  private static final int LOW = 0x30003;

  Planes2(Lanes lanes) {
    super(lanes, 16, BYTES, 0);
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    put(panel, to, 0, row, twos(q, at, 0));
    put(panel, to, 1, row, twos(q, at + 8, 0));
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    int rows = lanes.rows();
    for (int run = 0; run < runs; run++) {
      long from = at + (long) run * BYTES * rows;
      for (int i = 0; i < 4; i++) {
        IntVector v = vector(w, from, i / 2).lanewise(LSHR, i % 2 * 8);
        int out = (run * 16 + i * 4) * rows;
        centred(v.and(low), work.numbers, out);
        centred(v.lanewise(LSHR, 2).and(low), work.numbers, out + rows);
        centred(v.lanewise(LSHR, 4).and(low), work.numbers, out + 2 * rows);
        centred(v.lanewise(LSHR, 6).and(low), work.numbers, out + 3 * rows);
      }
    }
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    int[] x = work.eight.pairs;
    short[] to = work.products;
    int rows = lanes.rows(); // a call in the loop would cost as much as the loop
    for (int run = 0; run < runs; run++) {
      int k = first + run * 16;
      long from = at + (long) run * BYTES * rows;
      ShortVector sum = ShortVector.zero(lanes.shorts());
      for (int i = 0; i < 4; i++) {
        IntVector v = vector(w, from, i / 2).lanewise(LSHR, i % 2 * 8);
        int j = k + 4 * i;
        sum = add(sum, v.and(low), x, j);
        sum = add(sum, v.lanewise(LSHR, 2).and(low), x, j + 1);
        sum = add(sum, v.lanewise(LSHR, 4).and(low), x, j + 2);
        sum = add(sum, v.lanewise(LSHR, 6).and(low), x, j + 3);
      }
      sum.intoArray(to, run * rows);
    }
  }
}
