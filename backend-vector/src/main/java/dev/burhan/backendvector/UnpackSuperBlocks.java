package dev.burhan.backendvector;

import static dev.burhan.backendvector.Bytes16.half;
import static dev.burhan.backendvector.Bytes16.load;
import static dev.burhan.backendvector.Bytes16.lowNibbles;
import static dev.burhan.backendvector.Bytes16.scale;
import static dev.burhan.backendvector.Bytes16.shiftLeft;
import static dev.burhan.backendvector.Bytes16.shiftRight;
import static dev.burhan.backendvector.Bytes16.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;

/**
 * The types with super-blocks of 256 (K-quants): see {@link dev.burhan.tensor.DataType} for their
 * formats. In each of them a byte at place l of 32 holds parts of the numbers l, l + 32, l + 64 and
 * so on: {@code shift} and {@code part} below pick one of these runs of 32.
 */
final class UnpackSuperBlocks {
  private static final int SUPER = 256;
  private static final int EACH_LOW2 = 0x03030303;
  private static final int EACH_LOW4 = 0x0f0f0f0f;
  private static final int EACH_LOW6 = 0x3f3f3f3f;

  private UnpackSuperBlocks() {}

  /** 16 bytes of scale and min; 2-bit numbers; half d, half dmin. */
  static final class Q2K implements Unpack {
    private static final int BYTES = 84;

    @Override
    public int group() {
      return 16;
    }

    @Override
    public boolean hasMins() {
      return true;
    }

    @Override
    public void unpack(
        MemorySegment w, long at, int blocks, MemorySegment to, long q, long scales, long mins) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        ByteVector both = load(w, b);
        scale(lowNibbles(both), half(w, b + 80), to, scales + block * 64L);
        scale(Bytes16.highNibbles(both), -half(w, b + 82), to, mins + block * 64L);
        for (int place = 0; place < 64; place += 16) {
          ByteVector bits = load(w, b + 16 + place);
          long out = q + (long) block * SUPER + (place / 32) * 128 + place % 32;
          store(bits.and((byte) 3), to, out);
          store(shiftRight(bits, 2).and((byte) 3), to, out + 32);
          store(shiftRight(bits, 4).and((byte) 3), to, out + 64);
          store(shiftRight(bits, 6).and((byte) 3), to, out + 96);
        }
      }
    }
  }

  /** High bits; low 2 bits; 6-bit scales; half d. */
  static final class Q3K implements Unpack {
    private static final int BYTES = 110;

    @Override
    public int group() {
      return 16;
    }

    @Override
    public boolean hasMins() {
      return false;
    }

    @Override
    public void unpack(
        MemorySegment w, long at, int blocks, MemorySegment to, long q, long scales, long mins) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        scales(w, b + 96, half(w, b + 108), to, scales + block * 64L);
        for (int place = 0; place < 32; place += 16) {
          ByteVector high = load(w, b + place);
          ByteVector first = load(w, b + 32 + place);
          ByteVector second = load(w, b + 64 + place);
          long out = q + (long) block * SUPER + place;
          four(first, high, to, out);
          four(second, shiftRight(high, 4), to, out + 128);
        }
      }
    }

    /** Four runs: two low bits of each byte and the four lowest of the high bits. */
    private static void four(ByteVector low, ByteVector high, MemorySegment to, long out) {
      store(number(low, shiftLeft(high, 2)), to, out);
      store(number(shiftRight(low, 2), shiftLeft(high, 1)), to, out + 32);
      store(number(shiftRight(low, 4), high), to, out + 64);
      store(number(shiftRight(low, 6), shiftRight(high, 1)), to, out + 96);
    }

    private static ByteVector number(ByteVector low, ByteVector high) {
      return low.and((byte) 3).or(high.and((byte) 4)).sub((byte) 4);
    }

    private static void scales(MemorySegment w, long at, float d, MemorySegment to, long out) {
      int a = w.get(Memory.INT, at);
      int b = w.get(Memory.INT, at + 4);
      int c = w.get(Memory.INT, at + 8);
      ByteVector six =
          Bytes16.of(
              a & EACH_LOW4 | (c & EACH_LOW2) << 4,
              b & EACH_LOW4 | (c >>> 2 & EACH_LOW2) << 4,
              a >>> 4 & EACH_LOW4 | (c >>> 4 & EACH_LOW2) << 4,
              b >>> 4 & EACH_LOW4 | (c >>> 6 & EACH_LOW2) << 4);
      scale(six.sub((byte) 32), d, to, out);
    }
  }

  /** half d, half dmin; 6-bit scales and mins; nibbles. */
  static final class Q4K implements Unpack {
    private static final int BYTES = 144;

    @Override
    public int group() {
      return 32;
    }

    @Override
    public boolean hasMins() {
      return true;
    }

    @Override
    public void unpack(
        MemorySegment w, long at, int blocks, MemorySegment to, long q, long scales, long mins) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        scalesAndMins(w, b, to, scales + block * 32L, mins + block * 32L);
        for (int place = 0; place < 128; place += 16) {
          ByteVector nibbles = load(w, b + 16 + place);
          long out = q + (long) block * SUPER + (place / 32) * 64 + place % 32;
          store(lowNibbles(nibbles), to, out);
          store(Bytes16.highNibbles(nibbles), to, out + 32);
        }
      }
    }
  }

  /** half d, half dmin; 6-bit scales and mins; fifth bits; nibbles. */
  static final class Q5K implements Unpack {
    private static final int BYTES = 176;

    @Override
    public int group() {
      return 32;
    }

    @Override
    public boolean hasMins() {
      return true;
    }

    @Override
    public void unpack(
        MemorySegment w, long at, int blocks, MemorySegment to, long q, long scales, long mins) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        scalesAndMins(w, b, to, scales + block * 32L, mins + block * 32L);
        for (int part = 0; part < 4; part++) {
          long out = q + (long) block * SUPER + part * 64;
          two(w, b + 48 + part * 32, b + 16, 2 * part, to, out);
          two(w, b + 64 + part * 32, b + 32, 2 * part, to, out + 16);
        }
      }
    }

    private static void two(
        MemorySegment w, long nibblesAt, long fifthAt, int shift, MemorySegment to, long out) {
      ByteVector nibbles = load(w, nibblesAt);
      ByteVector fifth = shiftRight(load(w, fifthAt), shift);
      store(lowNibbles(nibbles).or(shiftLeft(fifth.and((byte) 1), 4)), to, out);
      ByteVector high = Bytes16.highNibbles(nibbles);
      store(high.or(shiftLeft(fifth.and((byte) 2), 3)), to, out + 32);
    }
  }

  /** Low nibbles; high 2 bits; byte scales; half d. */
  static final class Q6K implements Unpack {
    private static final int BYTES = 210;

    @Override
    public int group() {
      return 16;
    }

    @Override
    public boolean hasMins() {
      return false;
    }

    @Override
    public void unpack(
        MemorySegment w, long at, int blocks, MemorySegment to, long q, long scales, long mins) {
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        scale(load(w, b + 192), half(w, b + 208), to, scales + block * 64L);
        for (int place = 0; place < 64; place += 16) {
          int within = place % 32;
          ByteVector high = load(w, b + 128 + place);
          long low = b + (place / 32) * 64 + within;
          long out = q + (long) block * SUPER + (place / 32) * 128 + within;
          ByteVector near = load(w, low);
          ByteVector far = load(w, low + 32);
          store(number(lowNibbles(near), shiftLeft(high, 4)), to, out);
          store(number(lowNibbles(far), shiftLeft(high, 2)), to, out + 32);
          store(number(Bytes16.highNibbles(near), high), to, out + 64);
          store(number(Bytes16.highNibbles(far), shiftRight(high, 2)), to, out + 96);
        }
      }
    }

    private static ByteVector number(ByteVector low, ByteVector high) {
      return low.or(high.and((byte) 0x30)).sub((byte) 32);
    }
  }

  /** The first 16 bytes of Q4_K and Q5_K: half d, half dmin, then 8 scales and 8 mins of 6 bits. */
  private static void scalesAndMins(
      MemorySegment w, long at, MemorySegment to, long scales, long mins) {
    int a = w.get(Memory.INT, at + 4);
    int b = w.get(Memory.INT, at + 8);
    int c = w.get(Memory.INT, at + 12);
    ByteVector six =
        Bytes16.of(
            a & EACH_LOW6,
            c & EACH_LOW4 | (a >>> 6 & EACH_LOW2) << 4,
            b & EACH_LOW6,
            c >>> 4 & EACH_LOW4 | (b >>> 6 & EACH_LOW2) << 4);
    Bytes16.scaleLowHalf(six, half(w, at), to, scales);
    Bytes16.scaleHighHalf(six, -half(w, at + 2), to, mins);
  }
}
