package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;

/** 3-bit integers: the low two bits as {@link Planes2}, then a vector of sixteen third bits. */
final class Planes3 extends Planes {
  private static final int BYTES = 6;
  private static final short THIRD = 4;

  Planes3(Lanes lanes) {
    super(lanes, 16, BYTES, 4);
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    put(panel, to, 0, row, twos(q, at, 0));
    put(panel, to, 1, row, twos(q, at + 8, 0));
    put(panel, to, 2, row, ones(q, at, 2));
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    short[] to = work.numbers;
    int rows = lanes.rows();
    for (int run = 0; run < runs; run++) {
      long from = at + (long) run * BYTES * rows;
      ShortVector t = vector(w, from, 2);
      for (int i = 0; i < 4; i++) {
        ShortVector v = vector(w, from, i / 2).lanewise(LSHR, i % 2 * 8);
        int out = (run * 16 + i * 4) * rows;
        ShortVector q = v.and((short) 3).or(t.lanewise(LSHL, 2).and(THIRD));
        q.sub(centre()).intoArray(to, out);
        q = v.lanewise(LSHR, 2).and((short) 3).or(t.lanewise(LSHL, 1).and(THIRD));
        q.sub(centre()).intoArray(to, out + rows);
        q = v.lanewise(LSHR, 4).and((short) 3).or(t.and(THIRD));
        q.sub(centre()).intoArray(to, out + 2 * rows);
        q = v.lanewise(LSHR, 6).and((short) 3).or(t.lanewise(LSHR, 1).and(THIRD));
        q.sub(centre()).intoArray(to, out + 3 * rows);
        t = t.lanewise(LSHR, 4);
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
      ShortVector t = vector(w, from, 2);
      for (int i = 0; i < 4; i++) {
        ShortVector v = vector(w, from, i / 2).lanewise(LSHR, i % 2 * 8);
        int j = k + 4 * i;
        ShortVector q = v.and((short) 3).or(t.lanewise(LSHL, 2).and(THIRD));
        sum = sum.add(q.mul(lanes.pair(x, j)));
        q = v.lanewise(LSHR, 2).and((short) 3).or(t.lanewise(LSHL, 1).and(THIRD));
        sum = sum.add(q.mul(lanes.pair(x, j + 1)));
        q = v.lanewise(LSHR, 4).and((short) 3).or(t.and(THIRD));
        sum = sum.add(q.mul(lanes.pair(x, j + 2)));
        q = v.lanewise(LSHR, 6).and((short) 3).or(t.lanewise(LSHR, 1).and(THIRD));
        sum = sum.add(q.mul(lanes.pair(x, j + 3)));
        t = t.lanewise(LSHR, 4);
      }
      sum.intoArray(work.products, run * lanes.rows());
    }
  }
}
