package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;

/** 2-bit integers, not centred: two vectors of eight numbers each. */
final class Planes2 extends Planes {
  private static final int BYTES = 4;

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
    short[] to = work.numbers;
    int rows = lanes.rows();
    for (int i = 0; i < runs * 2; i++) {
      ShortVector v = vector(w, at, i);
      for (int out = i * 8 * rows; out < (i + 1) * 8 * rows; out += rows) {
        v.and((short) 3).intoArray(to, out);
        v = v.lanewise(LSHR, 2);
      }
    }
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    int[] x = work.eight.pairs;
    for (int run = 0; run < runs; run++) {
      int k = first + run * 16;
      long from = at + (long) run * BYTES * lanes.rows();
      ShortVector low = ShortVector.zero(lanes.shorts());
      ShortVector high = low;
      ShortVector v = vector(w, from, 0);
      ShortVector u = vector(w, from, 1);
      for (int j = k; j < k + 8; j++) {
        low = low.add(v.and((short) 3).mul(lanes.pair(x, j)));
        high = high.add(u.and((short) 3).mul(lanes.pair(x, j + 8)));
        v = v.lanewise(LSHR, 2);
        u = u.lanewise(LSHR, 2);
      }
      low.add(high).intoArray(work.products, run * lanes.rows());
    }
  }
}
