package dev.burhan.backendvector;

import static dev.burhan.backendvector.Bytes16.half;
import static dev.burhan.backendvector.Bytes16.highNibbles;
import static dev.burhan.backendvector.Bytes16.load;
import static dev.burhan.backendvector.Bytes16.lowNibbles;
import static dev.burhan.backendvector.Bytes16.shiftLeft;
import static dev.burhan.backendvector.Bytes16.shiftRight;
import static dev.burhan.backendvector.Bytes16.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;

/**
 * The types with super-blocks of 256 (K-quants): see {@link dev.burhan.tensor.DataType} for their
 * formats. In each of them a byte at place l of 32 holds parts of the numbers l, l + 32, l + 64 and
 * so on.
 */
final class UnpackSuperBlocks {
  private static final int SUPER = 256;
  private static final long EACH_LOW2 = 0x0303_0303_0303_0303L;
  private static final long EACH_LOW4 = 0x0f0f_0f0f_0f0f_0f0fL;
  private static final int EACH_LOW6 = 0x3f3f3f3f;

  private UnpackSuperBlocks() {}

  /** Scales and numbers are unpacked in loops of their own, so that each stays small. */
  private abstract static class SuperBlocks implements Unpack {
    private final int bytes;
    private final int group;

    SuperBlocks(int bytes, int group) {
      this.bytes = bytes;
      this.group = group;
    }

    @Override
    public final int group() {
      return group;
    }

    @Override
    public final void unpack(MemorySegment w, long at, int blocks, Work work, int slot) {
      for (int block = 0; block < blocks; block++) {
        int out = slot * Work.GROUPS + block * (SUPER / group);
        scales(w, at + (long) block * bytes, work.scales, work.mins, out);
      }
      for (int block = 0; block < blocks; block++) {
        int out = slot * Work.CHUNK + block * SUPER;
        numbers(w, at + (long) block * bytes, work.quants, out);
      }
    }

    /** Writes the scales, and mins if there are any, of a super-block. */
    abstract void scales(MemorySegment w, long at, float[] scales, float[] mins, int out);

    /** Writes the 256 numbers of a super-block. */
    abstract void numbers(MemorySegment w, long at, byte[] to, int out);

    /** Writes {@code factor} times each of eight signed bytes. */
    static void scale(long bytes, float factor, float[] to, int out) {
      for (int i = 0; i < 8; i++) {
        to[out + i] = factor * (byte) (bytes >>> 8 * i);
      }
    }
  }

  /** 16 bytes of scale and min; 2-bit numbers; half d, half dmin. */
  static final class Q2K extends SuperBlocks {
    Q2K() {
      super(84, 16);
    }

    @Override
    public boolean hasMins() {
      return true;
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      float d = half(w, at + 80);
      float dmin = half(w, at + 82);
      for (int i = 0; i < 16; i += 8) {
        long both = w.get(Memory.LONG, at + i);
        scale(both & EACH_LOW4, d, scales, out + i);
        scale(both >>> 4 & EACH_LOW4, -dmin, mins, out + i);
      }
    }

    @Override
    void numbers(MemorySegment w, long at, byte[] to, int out) {
      for (int place = 0; place < 64; place += 16) {
        ByteVector bits = load(w, at + 16 + place);
        int first = out + (place & 32) * 4 + (place & 16);
        store(bits.and((byte) 3), to, first);
        store(shiftRight(bits, 2).and((byte) 3), to, first + 32);
        store(shiftRight(bits, 4).and((byte) 3), to, first + 64);
        store(shiftRight(bits, 6).and((byte) 3), to, first + 96);
      }
    }
  }

  /** High bits; low 2 bits; 6-bit scales; half d. */
  static final class Q3K extends SuperBlocks {
    Q3K() {
      super(110, 16);
    }

    @Override
    public boolean hasMins() {
      return false;
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      float d = half(w, at + 108);
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

    @Override
    void numbers(MemorySegment w, long at, byte[] to, int out) {
      for (int place = 0; place < 64; place += 16) {
        ByteVector high = shiftRight(load(w, at + (place & 16)), (place & 32) / 8);
        ByteVector low = load(w, at + 32 + place);
        int first = out + (place & 32) * 4 + (place & 16);
        store(number(low, shiftLeft(high, 2)), to, first);
        store(number(shiftRight(low, 2), shiftLeft(high, 1)), to, first + 32);
        store(number(shiftRight(low, 4), high), to, first + 64);
        store(number(shiftRight(low, 6), shiftRight(high, 1)), to, first + 96);
      }
    }

    private static ByteVector number(ByteVector low, ByteVector high) {
      return low.and((byte) 3).or(high.and((byte) 4)).sub((byte) 4);
    }
  }

  /** half d, half dmin; 6-bit scales and mins; nibbles. */
  static final class Q4K extends SuperBlocks {
    Q4K() {
      super(144, 32);
    }

    @Override
    public boolean hasMins() {
      return true;
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      scalesAndMins(w, at, scales, mins, out);
    }

    @Override
    void numbers(MemorySegment w, long at, byte[] to, int out) {
      for (int place = 0; place < 128; place += 16) {
        ByteVector nibbles = load(w, at + 16 + place);
        int first = out + (place & 96) * 2 + (place & 16);
        store(lowNibbles(nibbles), to, first);
        store(highNibbles(nibbles), to, first + 32);
      }
    }
  }

  /** half d, half dmin; 6-bit scales and mins; fifth bits; nibbles. */
  static final class Q5K extends SuperBlocks {
    Q5K() {
      super(176, 32);
    }

    @Override
    public boolean hasMins() {
      return true;
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      scalesAndMins(w, at, scales, mins, out);
    }

    @Override
    void numbers(MemorySegment w, long at, byte[] to, int out) {
      for (int place = 0; place < 128; place += 16) {
        ByteVector nibbles = load(w, at + 48 + place);
        ByteVector fifth = shiftRight(load(w, at + 16 + (place & 16)), place / 32 * 2);
        int first = out + (place & 96) * 2 + (place & 16);
        store(lowNibbles(nibbles).or(shiftLeft(fifth.and((byte) 1), 4)), to, first);
        store(highNibbles(nibbles).or(shiftLeft(fifth.and((byte) 2), 3)), to, first + 32);
      }
    }
  }

  /** Low nibbles; high 2 bits; byte scales; half d. */
  static final class Q6K extends SuperBlocks {
    Q6K() {
      super(210, 16);
    }

    @Override
    public boolean hasMins() {
      return false;
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      float d = half(w, at + 208);
      scale(w.get(Memory.LONG, at + 192), d, scales, out);
      scale(w.get(Memory.LONG, at + 200), d, scales, out + 8);
    }

    @Override
    void numbers(MemorySegment w, long at, byte[] to, int out) {
      for (int place = 0; place < 64; place += 16) {
        long low = at + (place & 32) * 2 + (place & 16);
        ByteVector near = load(w, low);
        ByteVector far = load(w, low + 32);
        ByteVector high = load(w, at + 128 + place);
        int first = out + (place & 32) * 4 + (place & 16);
        store(number(lowNibbles(near), shiftLeft(high, 4)), to, first);
        store(number(lowNibbles(far), shiftLeft(high, 2)), to, first + 32);
        store(number(highNibbles(near), high), to, first + 64);
        store(number(highNibbles(far), shiftRight(high, 2)), to, first + 96);
      }
    }

    private static ByteVector number(ByteVector low, ByteVector high) {
      return low.or(high.and((byte) 0x30)).sub((byte) 32);
    }
  }

  /** The first 16 bytes of Q4_K and Q5_K: half d, half dmin, then 8 scales and 8 mins of 6 bits. */
  private static void scalesAndMins(
      MemorySegment w, long at, float[] scales, float[] mins, int out) {
    int a = w.get(Memory.INT, at + 4);
    int b = w.get(Memory.INT, at + 8);
    int c = w.get(Memory.INT, at + 12);
    int four = (int) EACH_LOW4;
    int two = (int) EACH_LOW2;
    long lastScales = c & four | (a >>> 6 & two) << 4;
    long lastMins = c >>> 4 & four | (b >>> 6 & two) << 4;
    SuperBlocks.scale(a & EACH_LOW6 | lastScales << 32, half(w, at), scales, out);
    SuperBlocks.scale(b & EACH_LOW6 | lastMins << 32, -half(w, at + 2), mins, out);
  }
}
