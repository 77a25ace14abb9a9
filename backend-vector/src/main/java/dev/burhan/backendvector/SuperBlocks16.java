package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/**
 * K-quants with groups of 16. A half super-block of 128 numbers is four strands of 32 (two groups);
 * byte i of 32 holds parts of number i of each strand. A row is walked strand after strand, since
 * the code for all eight in one loop is too large to be compiled well; {@code i} below counts a
 * strand's numbers.
 */
final class SuperBlocks16 {
  private static final int GROUP = 16;
  private static final int GROUPS = SuperBlocks.SUPER / GROUP;
  private static final int STRAND = 32;
  private static final int STRANDS = SuperBlocks.SUPER / STRAND;

  private SuperBlocks16() {}

  /** 16 bytes of scale and min; 2-bit numbers; half d, half dmin. */
  static final class Q2K extends SuperBlocks {
    private static final int BYTES = 84;

    Q2K(Lanes lanes) {
      super(lanes, BYTES, GROUP, true);
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      float d = Blocks.half(w, at + 80);
      float dmin = Blocks.half(w, at + 82);
      for (int i = 0; i < 16; i += 8) {
        long both = w.get(Memory.LONG, at + i);
        scale(both & EACH_LOW4, d, scales, out + i);
        scale(both >>> 4 & EACH_LOW4, -dmin, mins, out + i);
      }
    }

    private ShortVector number(MemorySegment w, long b, int strand, int i) {
      ShortVector bits = lanes.bytes(w, b + 16 + (strand & 4) * 8 + i);
      return bits.lanewise(LSHR, 2 * (strand & 3)).and((short) 3);
    }

    @Override
    void numbers(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int strand = 0; strand < STRANDS; strand++) {
        for (int block = 0; block < blocks; block++) {
          long b = at + (long) block * BYTES;
          for (int i = 0; i < STRAND; i += lanes.shorts().length()) {
            int g = block * GROUPS + 2 * strand + i / GROUP;
            int j = out + block * SUPER + strand * STRAND + i;
            lanes.store(number(w, b, strand, i), work.scales[g], work.mins[g], to, j);
          }
        }
      }
    }

    @Override
    void products(MemorySegment w, long at, int blocks, Work work) {
      for (int strand = 0; strand < STRANDS; strand++) {
        strand(w, at, blocks, strand, work);
      }
    }

    private void strand(MemorySegment w, long at, int blocks, int strand, Work work) {
      FloatVector sum = FloatVector.fromArray(lanes.floats(), work.vectors, 0);
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        for (int first = 0; first < STRAND; first += GROUP) {
          ShortVector products = ShortVector.zero(lanes.shorts());
          for (int l = 0; l < GROUP; l += lanes.shorts().length()) {
            ShortVector number = number(w, b, strand, first + l);
            int x = block * SUPER + strand * STRAND + first + l;
            products = products.add(number.mul(lanes.shorts(work.x, x)));
          }
          float scale = work.scales[block * GROUPS + 2 * strand + first / GROUP];
          sum = lanes.add(lanes.widen(products), scale, sum);
        }
      }
      sum.intoArray(work.vectors, 0);
    }
  }

  /** High bits; low 2 bits; 6-bit scales; half d. */
  static final class Q3K extends SuperBlocks {
    private static final int BYTES = 110;

    Q3K(Lanes lanes) {
      super(lanes, BYTES, GROUP, false);
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      float d = Blocks.half(w, at + 108);
      long low = w.get(Memory.LONG, at + 96);
      long high = w.get(Memory.INT, at + 104) & 0xffff_ffffL;
      // Four scales take the bits 0-1 of each high byte, the next four the bits 2-3, and so on.
      long pairs = (high | high >>> 2 << 32) & EACH_LOW2;
      scale(centred(low & EACH_LOW4 | pairs << 4), d, scales, out);
      pairs = (high >>> 4 | high >>> 6 << 32) & EACH_LOW2;
      scale(centred(low >>> 4 & EACH_LOW4 | pairs << 4), d, scales, out + 8);
    }

    /** Each byte, at most 63, less 32. */
    private static long centred(long bytes) {
      long topBit = 0x8080_8080_8080_8080L;
      return (bytes | topBit) - 0x2020_2020_2020_2020L ^ topBit;
    }

    private ShortVector number(MemorySegment w, long b, int strand, int i) {
      ShortVector low = lanes.bytes(w, b + 32 + (strand & 4) * 8 + i);
      ShortVector high = lanes.bytes(w, b + i);
      return low.lanewise(LSHR, 2 * (strand & 3))
          .and((short) 3)
          .or(high.lanewise(LSHR, strand).and((short) 1).lanewise(LSHL, 2))
          .sub((short) 4);
    }

    @Override
    void numbers(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int strand = 0; strand < STRANDS; strand++) {
        for (int block = 0; block < blocks; block++) {
          long b = at + (long) block * BYTES;
          for (int i = 0; i < STRAND; i += lanes.shorts().length()) {
            int g = block * GROUPS + 2 * strand + i / GROUP;
            int j = out + block * SUPER + strand * STRAND + i;
            lanes.store(number(w, b, strand, i), work.scales[g], 0, to, j);
          }
        }
      }
    }

    @Override
    void products(MemorySegment w, long at, int blocks, Work work) {
      for (int strand = 0; strand < STRANDS; strand++) {
        strand(w, at, blocks, strand, work);
      }
    }

    private void strand(MemorySegment w, long at, int blocks, int strand, Work work) {
      FloatVector sum = FloatVector.fromArray(lanes.floats(), work.vectors, 0);
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        for (int first = 0; first < STRAND; first += GROUP) {
          ShortVector products = ShortVector.zero(lanes.shorts());
          for (int l = 0; l < GROUP; l += lanes.shorts().length()) {
            ShortVector number = number(w, b, strand, first + l);
            int x = block * SUPER + strand * STRAND + first + l;
            products = products.add(number.mul(lanes.shorts(work.x, x)));
          }
          float scale = work.scales[block * GROUPS + 2 * strand + first / GROUP];
          sum = lanes.add(lanes.widen(products), scale, sum);
        }
      }
      sum.intoArray(work.vectors, 0);
    }
  }

  /** Low nibbles; high 2 bits; byte scales; half d. */
  static final class Q6K extends SuperBlocks {
    private static final int BYTES = 210;

    Q6K(Lanes lanes) {
      super(lanes, BYTES, GROUP, false);
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      float d = Blocks.half(w, at + 208);
      scale(w.get(Memory.LONG, at + 192), d, scales, out);
      scale(w.get(Memory.LONG, at + 200), d, scales, out + 8);
    }

    /**
     * Strands 0 and 2 of a half are low and high nibbles of its first 32 bytes, 1 and 3 of the
     * next.
     */
    private ShortVector number(MemorySegment w, long b, int strand, int i) {
      ShortVector nibbles = lanes.bytes(w, b + (strand & 4) * 16 + (strand & 1) * 32 + i);
      ShortVector high = lanes.bytes(w, b + 128 + (strand & 4) * 8 + i);
      return nibbles
          .lanewise(LSHR, (strand & 2) * 2)
          .and((short) 15)
          .or(high.lanewise(LSHR, 2 * (strand & 3)).and((short) 3).lanewise(LSHL, 4))
          .sub((short) 32);
    }

    @Override
    void numbers(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int strand = 0; strand < STRANDS; strand++) {
        for (int block = 0; block < blocks; block++) {
          long b = at + (long) block * BYTES;
          for (int i = 0; i < STRAND; i += lanes.shorts().length()) {
            int g = block * GROUPS + 2 * strand + i / GROUP;
            int j = out + block * SUPER + strand * STRAND + i;
            lanes.store(number(w, b, strand, i), work.scales[g], 0, to, j);
          }
        }
      }
    }

    @Override
    void products(MemorySegment w, long at, int blocks, Work work) {
      for (int strand = 0; strand < STRANDS; strand++) {
        strand(w, at, blocks, strand, work);
      }
    }

    private void strand(MemorySegment w, long at, int blocks, int strand, Work work) {
      FloatVector sum = FloatVector.fromArray(lanes.floats(), work.vectors, 0);
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        for (int first = 0; first < STRAND; first += GROUP) {
          ShortVector products = ShortVector.zero(lanes.shorts());
          for (int l = 0; l < GROUP; l += lanes.shorts().length()) {
            ShortVector number = number(w, b, strand, first + l);
            int x = block * SUPER + strand * STRAND + first + l;
            products = products.add(number.mul(lanes.shorts(work.x, x)));
          }
          float scale = work.scales[block * GROUPS + 2 * strand + first / GROUP];
          sum = lanes.add(lanes.widen(products), scale, sum);
        }
      }
      sum.intoArray(work.vectors, 0);
    }
  }
}
