package dev.burhan.backendvector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Bytes of an array taken eight at a time, for packing: each byte of a word is a number. */
final class Words {
  /** The lowest 1, 2 and 4 bits of each byte. */
  static final long ONES = 0x0101010101010101L;

  static final long TWOS = 0x0303030303030303L;
  static final long NIBBLES = 0x0f0f0f0f0f0f0f0fL;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, Memory.LE);
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, Memory.LE);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, Memory.LE);

  private Words() {}

  static long get(byte[] from, int at) {
    return (long) LONG.get(from, at);
  }

  static int getInt(byte[] from, int at) {
    return (int) INT.get(from, at);
  }

  static void put(byte[] to, int at, long word) {
    LONG.set(to, at, word);
  }

  static void putShort(byte[] to, int at, int bits) {
    SHORT.set(to, at, (short) bits);
  }

  /**
   * Writes some bits of each byte: {@code to[i] = from[i] >> shift & mask}.
   *
   * @param count a multiple of 8
   */
  static void bits(byte[] from, int at, int count, int shift, long mask, byte[] to, int first) {
    for (int i = 0; i < count; i += 8) {
      put(to, first + i, get(from, at + i) >>> shift & mask);
    }
  }

  /** Adds some bits of each byte on top: {@code to[i] |= (from[i] >> shift & mask) << left}. */
  static void add(
      byte[] from, int at, int count, int shift, long mask, int left, byte[] to, int first) {
    for (int i = 0; i < count; i += 8) {
      put(to, first + i, get(to, first + i) | (get(from, at + i) >>> shift & mask) << left);
    }
  }
}
