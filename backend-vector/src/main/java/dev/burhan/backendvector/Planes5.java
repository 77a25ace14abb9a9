package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;

/** 5-bit integers: the low four bits as {@link Planes4}, then a vector of sixteen fifth bits. */
final class Planes5 extends Planes {
  private static final int BYTES = 10;
  private static final short FIFTH = 16;

  Planes5(Lanes lanes) {
    super(lanes, 16, BYTES, 16);
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    for (int i = 0; i < 4; i++) {
      put(panel, to, i, row, nibbles(q, at + 4 * i));
    }
    put(panel, to, 4, row, ones(q, at, 4));
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    short[] to = work.numbers;
    int rows = lanes.rows();
    for (int run = 0; run < runs; run++) {
      long from = at + (long) run * BYTES * rows;
      ShortVector f = vector(w, from, 4);
      for (int i = 0; i < 4; i++) {
        ShortVector v = vector(w, from, i);
        int out = (run * 16 + i * 4) * rows;
        ShortVector q = v.and((short) 15).or(f.lanewise(LSHL, 4).and(FIFTH));
        q.sub(centre()).intoArray(to, out);
        q = v.lanewise(LSHR, 4).and((short) 15).or(f.lanewise(LSHL, 3).and(FIFTH));
        q.sub(centre()).intoArray(to, out + rows);
        q = v.lanewise(LSHR, 8).and((short) 15).or(f.lanewise(LSHL, 2).and(FIFTH));
        q.sub(centre()).intoArray(to, out + 2 * rows);
        q = v.lanewise(LSHR, 12).or(f.lanewise(LSHL, 1).and(FIFTH));
        q.sub(centre()).intoArray(to, out + 3 * rows);
        f = f.lanewise(LSHR, 4);
      }
    }
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    int[] x = work.eight.pairs;
    for (int run = 0; run < runs; run++) {
      int k = first + run * 16;
      long from = at + (long) run * BYTES * lanes.rows();
      ShortVector sum = start(work.eight.sums16, k / 16);
      ShortVector f = vector(w, from, 4);
      for (int i = 0; i < 4; i++) {
        ShortVector v = vector(w, from, i);
        int j = k + 4 * i;
        ShortVector q = v.and((short) 15).or(f.lanewise(LSHL, 4).and(FIFTH));
        sum = sum.add(q.mul(lanes.pair(x, j)));
        q = v.lanewise(LSHR, 4).and((short) 15).or(f.lanewise(LSHL, 3).and(FIFTH));
        sum = sum.add(q.mul(lanes.pair(x, j + 1)));
        q = v.lanewise(LSHR, 8).and((short) 15).or(f.lanewise(LSHL, 2).and(FIFTH));
        sum = sum.add(q.mul(lanes.pair(x, j + 2)));
        q = v.lanewise(LSHR, 12).or(f.lanewise(LSHL, 1).and(FIFTH));
        sum = sum.add(q.mul(lanes.pair(x, j + 3)));
        f = f.lanewise(LSHR, 4);
      }
      sum.intoArray(work.products, run * lanes.rows());
    }
  }
}
