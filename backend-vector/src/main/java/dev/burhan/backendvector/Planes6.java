package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;

/**
 * 6-bit integers: the low four bits as {@link Planes4}, then a vector of eight numbers' high two.
 */
final class Planes6 extends Planes {
  private static final int BYTES = 6;
  private static final short HIGH = 0x30;

  Planes6(Lanes lanes) {
    super(lanes, 8, BYTES, 32);
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    put(panel, to, 0, row, nibbles(q, at));
    put(panel, to, 1, row, nibbles(q, at + 4));
    put(panel, to, 2, row, twos(q, at, 4));
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    short[] to = work.numbers;
    int rows = lanes.rows();
    for (int run = 0; run < runs; run++) {
      long from = at + (long) run * BYTES * rows;
      ShortVector h = vector(w, from, 2);
      for (int i = 0; i < 2; i++) {
        ShortVector v = vector(w, from, i);
        int out = (run * 8 + i * 4) * rows;
        ShortVector q = v.and((short) 15).or(h.lanewise(LSHL, 4).and(HIGH));
        q.sub(centre()).intoArray(to, out);
        q = v.lanewise(LSHR, 4).and((short) 15).or(h.lanewise(LSHL, 2).and(HIGH));
        q.sub(centre()).intoArray(to, out + rows);
        q = v.lanewise(LSHR, 8).and((short) 15).or(h.and(HIGH));
        q.sub(centre()).intoArray(to, out + 2 * rows);
        q = v.lanewise(LSHR, 12).or(h.lanewise(LSHR, 2).and(HIGH));
        q.sub(centre()).intoArray(to, out + 3 * rows);
        h = h.lanewise(LSHR, 8);
      }
    }
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    int[] x = work.eight.pairs;
    for (int run = 0; run < runs; run++) {
      int k = first + run * 8;
      long from = at + (long) run * BYTES * lanes.rows();
      ShortVector sum = start(work.eight.sums8, k / 8);
      ShortVector h = vector(w, from, 2);
      for (int i = 0; i < 2; i++) {
        ShortVector v = vector(w, from, i);
        int j = k + 4 * i;
        ShortVector q = v.and((short) 15).or(h.lanewise(LSHL, 4).and(HIGH));
        sum = sum.add(q.mul(lanes.pair(x, j)));
        q = v.lanewise(LSHR, 4).and((short) 15).or(h.lanewise(LSHL, 2).and(HIGH));
        sum = sum.add(q.mul(lanes.pair(x, j + 1)));
        q = v.lanewise(LSHR, 8).and((short) 15).or(h.and(HIGH));
        sum = sum.add(q.mul(lanes.pair(x, j + 2)));
        q = v.lanewise(LSHR, 12).or(h.lanewise(LSHR, 2).and(HIGH));
        sum = sum.add(q.mul(lanes.pair(x, j + 3)));
        h = h.lanewise(LSHR, 8);
      }
      sum.intoArray(work.products, run * lanes.rows());
    }
  }
}
