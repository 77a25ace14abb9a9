package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** 4-bit integers: eight vectors of four numbers each. */
final class Planes4 extends Planes {
  private static final int VECTORS = 8;
  private static final int BYTES = 2 * VECTORS;
  private static final int LOW = 0xf000f;

  Planes4(Lanes lanes) {
    super(lanes, 32, BYTES, 8);
  }

  @Override
  boolean assembled() {
    return true;
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    for (int i = 0; i < VECTORS; i++) {
      put(panel, to, i, row, nibbles(q, at + 4 * i));
    }
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    int rows = lanes.rows();
    for (int i = 0; i < runs * VECTORS; i++) {
      IntVector v = vector(w, at, i);
      int out = i * 4 * rows;
      centred(v.and(low), work.numbers, out);
      centred(v.lanewise(LSHR, 4).and(low), work.numbers, out + rows);
      centred(v.lanewise(LSHR, 8).and(low), work.numbers, out + 2 * rows);
      centred(v.lanewise(LSHR, 12).and(low), work.numbers, out + 3 * rows);
    }
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    int[] x = work.eight.pairs;
    short[] to = work.products;
    int rows = lanes.rows(); // a call in the loop would cost as much as the loop
    for (int run = 0; run < runs; run++) {
      int k = first + run * 32;
      long from = at + (long) run * BYTES * rows;
      ShortVector even = start(work.eight.sums32, k / 32);
      ShortVector odd = ShortVector.zero(lanes.shorts());
      for (int i = 0; i < VECTORS; i++) {
        IntVector v = vector(w, from, i);
        int j = k + 4 * i;
        even = add(even, v.and(low), x, j);
        odd = add(odd, v.lanewise(LSHR, 4).and(low), x, j + 1);
        even = add(even, v.lanewise(LSHR, 8).and(low), x, j + 2);
        odd = add(odd, v.lanewise(LSHR, 12).and(low), x, j + 3);
      }
      even.add(odd).intoArray(to, run * rows);
    }
  }
}
