package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/**
 * The types with blocks of 32: see {@link dev.burhan.tensor.DataType} for their formats. Byte i of
 * 16 has the numbers i and i + 16; {@code l} below counts the numbers that a vector of 16-bit
 * numbers begins with.
 */
final class Blocks {
  private static final int BLOCK = 32;
  private static final int HALF = 16;

  private Blocks() {}

  static float half(MemorySegment w, long at) {
    return Float.float16ToFloat(w.get(Memory.SHORT, at));
  }

  /** half d; nibbles. */
  static final class Q4Zero extends Quantised {
    private static final int BYTES = 18;

    Q4Zero(Lanes lanes) {
      super(lanes, BLOCK);
    }

    @Override
    void floats(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        float d = half(w, b);
        for (int l = 0; l < HALF; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, b + 2 + l);
          int i = out + block * BLOCK + l;
          lanes.store(nibbles.and((short) 15).sub((short) 8), d, 0, to, i);
          lanes.store(nibbles.lanewise(LSHR, 4).sub((short) 8), d, 0, to, i + HALF);
        }
      }
    }

    @Override
    float dot(MemorySegment w, long at, int blocks, Work work) {
      FloatVector sum = FloatVector.zero(lanes.floats());
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        ShortVector products = ShortVector.zero(lanes.shorts());
        for (int l = 0; l < HALF; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, b + 2 + l);
          int i = block * BLOCK + l;
          ShortVector low = nibbles.and((short) 15).sub((short) 8);
          ShortVector high = nibbles.lanewise(LSHR, 4).sub((short) 8);
          products = products.add(low.mul(lanes.shorts(work.x, i)));
          products = products.add(high.mul(lanes.shorts(work.x, i + HALF)));
        }
        sum = lanes.add(lanes.widen(products), half(w, b) * work.xScales[block], sum);
      }
      sum.intoArray(work.vectors, 0);
      return 0;
    }
  }

  /** half d, half m; nibbles. */
  static final class Q4One extends Quantised {
    private static final int BYTES = 20;

    Q4One(Lanes lanes) {
      super(lanes, BLOCK);
    }

    @Override
    void floats(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        float d = half(w, b);
        float m = half(w, b + 2);
        for (int l = 0; l < HALF; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, b + 4 + l);
          int i = out + block * BLOCK + l;
          lanes.store(nibbles.and((short) 15), d, m, to, i);
          lanes.store(nibbles.lanewise(LSHR, 4), d, m, to, i + HALF);
        }
      }
    }

    @Override
    float dot(MemorySegment w, long at, int blocks, Work work) {
      FloatVector sum = FloatVector.zero(lanes.floats());
      float mins = 0;
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        ShortVector products = ShortVector.zero(lanes.shorts());
        for (int l = 0; l < HALF; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, b + 4 + l);
          int i = block * BLOCK + l;
          products = products.add(nibbles.and((short) 15).mul(lanes.shorts(work.x, i)));
          ShortVector high = nibbles.lanewise(LSHR, 4);
          products = products.add(high.mul(lanes.shorts(work.x, i + HALF)));
        }
        sum = lanes.add(lanes.widen(products), half(w, b) * work.xScales[block], sum);
        mins = Math.fma(half(w, b + 2), work.xSums[block], mins);
      }
      sum.intoArray(work.vectors, 0);
      return mins;
    }
  }

  /** half d; fifth bits; nibbles. */
  static final class Q5Zero extends Quantised {
    private static final int BYTES = 22;

    Q5Zero(Lanes lanes) {
      super(lanes, BLOCK);
    }

    /** Numbers are 16 less where their fifth bit is not set. */
    private ShortVector number(ShortVector nibbles, int unset) {
      return nibbles.sub((short) 16, VectorMask.fromLong(lanes.shorts(), lanes.first(unset)));
    }

    @Override
    void floats(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        float d = half(w, b);
        int unset = ~w.get(Memory.INT, b + 2);
        for (int l = 0; l < HALF; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, b + 6 + l);
          int i = out + block * BLOCK + l;
          lanes.store(number(nibbles.and((short) 15), unset >>> l), d, 0, to, i);
          ShortVector high = nibbles.lanewise(LSHR, 4);
          lanes.store(number(high, unset >>> HALF + l), d, 0, to, i + HALF);
        }
      }
    }

    @Override
    float dot(MemorySegment w, long at, int blocks, Work work) {
      FloatVector sum = FloatVector.zero(lanes.floats());
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        int unset = ~w.get(Memory.INT, b + 2);
        ShortVector products = ShortVector.zero(lanes.shorts());
        for (int l = 0; l < HALF; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, b + 6 + l);
          int i = block * BLOCK + l;
          ShortVector low = number(nibbles.and((short) 15), unset >>> l);
          ShortVector high = number(nibbles.lanewise(LSHR, 4), unset >>> HALF + l);
          products = products.add(low.mul(lanes.shorts(work.x, i)));
          products = products.add(high.mul(lanes.shorts(work.x, i + HALF)));
        }
        sum = lanes.add(lanes.widen(products), half(w, b) * work.xScales[block], sum);
      }
      sum.intoArray(work.vectors, 0);
      return 0;
    }
  }

  /** half d, half m; fifth bits; nibbles. */
  static final class Q5One extends Quantised {
    private static final int BYTES = 24;

    Q5One(Lanes lanes) {
      super(lanes, BLOCK);
    }

    private ShortVector number(ShortVector nibbles, int set) {
      return nibbles.add((short) 16, VectorMask.fromLong(lanes.shorts(), lanes.first(set)));
    }

    @Override
    void floats(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        float d = half(w, b);
        float m = half(w, b + 2);
        int set = w.get(Memory.INT, b + 4);
        for (int l = 0; l < HALF; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, b + 8 + l);
          int i = out + block * BLOCK + l;
          lanes.store(number(nibbles.and((short) 15), set >>> l), d, m, to, i);
          ShortVector high = nibbles.lanewise(LSHR, 4);
          lanes.store(number(high, set >>> HALF + l), d, m, to, i + HALF);
        }
      }
    }

    @Override
    float dot(MemorySegment w, long at, int blocks, Work work) {
      FloatVector sum = FloatVector.zero(lanes.floats());
      float mins = 0;
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        int set = w.get(Memory.INT, b + 4);
        ShortVector products = ShortVector.zero(lanes.shorts());
        for (int l = 0; l < HALF; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, b + 8 + l);
          int i = block * BLOCK + l;
          ShortVector low = number(nibbles.and((short) 15), set >>> l);
          ShortVector high = number(nibbles.lanewise(LSHR, 4), set >>> HALF + l);
          products = products.add(low.mul(lanes.shorts(work.x, i)));
          products = products.add(high.mul(lanes.shorts(work.x, i + HALF)));
        }
        sum = lanes.add(lanes.widen(products), half(w, b) * work.xScales[block], sum);
        mins = Math.fma(half(w, b + 2), work.xSums[block], mins);
      }
      sum.intoArray(work.vectors, 0);
      return mins;
    }
  }

  /** half d; signed bytes. */
  static final class Q8Zero extends Quantised {
    private static final int BYTES = 34;

    Q8Zero(Lanes lanes) {
      super(lanes, BLOCK);
    }

    @Override
    void floats(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        float d = half(w, b);
        for (int l = 0; l < BLOCK; l += lanes.shorts().length()) {
          lanes.store(lanes.signedBytes(w, b + 2 + l), d, 0, to, out + block * BLOCK + l);
        }
      }
    }

    /** No more than two products fit 16 bits: 2 * 128 * 127. */
    @Override
    float dot(MemorySegment w, long at, int blocks, Work work) {
      FloatVector sum = FloatVector.zero(lanes.floats());
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        IntVector products = IntVector.zero(lanes.ints());
        for (int l = 0; l < HALF; l += lanes.shorts().length()) {
          int i = block * BLOCK + l;
          ShortVector first = lanes.signedBytes(w, b + 2 + l).mul(lanes.shorts(work.x, i));
          ShortVector second =
              lanes.signedBytes(w, b + 2 + HALF + l).mul(lanes.shorts(work.x, i + HALF));
          products = products.add(lanes.widen(first.add(second)));
        }
        sum = lanes.add(products, half(w, b) * work.xScales[block], sum);
      }
      sum.intoArray(work.vectors, 0);
      return 0;
    }
  }
}
