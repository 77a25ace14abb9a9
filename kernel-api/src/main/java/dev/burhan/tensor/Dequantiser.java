package dev.burhan.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Stored numbers to F32, in plain Java, straight from the formats' definitions (see {@link
 * DataType}; block layouts are those of ggml's {@code ggml-common.h}). The reference that faster
 * code is compared with, so the order of rounding is part of it: scales are multiplied together
 * first, then by the integer, then the offset is added or taken away, each step rounded to F32.
 *
 * <p>Pure functions; segments may be unaligned.
 */
public final class Dequantiser {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Dequantiser() {}

  /** Writes the F32 numbers of one block. */
  @FunctionalInterface
  private interface BlockDecoder {
    /**
     * @param in the stored bytes
     * @param at byte offset of the block in {@code in}
     * @param out F32 numbers
     * @param to byte offset of the block's first number in {@code out}
     */
    void decode(MemorySegment in, long at, MemorySegment out, long to);
  }

  /** Whether {@link #decode} knows the type. */
  public static boolean supports(DataType type) {
    return decoder(type) != null;
  }

  /**
   * Dequantises consecutive numbers, usually one row or several.
   *
   * @param count how many numbers; a whole number of blocks
   * @param from stored bytes, from byte {@code fromOffset} on
   * @param to F32 numbers, written from byte {@code toOffset} on
   * @throws IllegalArgumentException if the type has no F32 form here
   */
  public static void decode(
      DataType type,
      long count,
      MemorySegment from,
      long fromOffset,
      MemorySegment to,
      long toOffset) {
    if (widen(type, count, from, fromOffset, to, toOffset)) {
      return;
    }
    BlockDecoder decoder = decoder(type);
    if (decoder == null) {
      throw new IllegalArgumentException(
          "numbers of type " + type + " can't be converted to F32 by this version");
    }
    long bytes = type.bytes(count);
    for (long at = 0, out = 0; at < bytes; at += type.blockBytes()) {
      decoder.decode(from, fromOffset + at, to, toOffset + out);
      out += 4L * type.blockElements();
    }
  }

  /** Numbers that stand alone, in one loop: a call for each took 5 ns a number. */
  private static boolean widen(
      DataType type,
      long count,
      MemorySegment from,
      long fromOffset,
      MemorySegment to,
      long toOffset) {
    switch (type.name()) {
      case "F32" -> MemorySegment.copy(from, fromOffset, to, toOffset, 4 * count);
      case "F16" -> {
        for (long i = 0; i < count; i++) {
          to.set(FLOAT, toOffset + 4 * i, half(from, fromOffset + 2 * i));
        }
      }
      case "BF16" -> {
        for (long i = 0; i < count; i++) {
          int bits = from.get(SHORT, fromOffset + 2 * i) << 16;
          to.set(FLOAT, toOffset + 4 * i, Float.intBitsToFloat(bits));
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** The same into a new array. */
  public static float[] decode(DataType type, int count, MemorySegment from, long fromOffset) {
    float[] numbers = new float[count];
    decode(type, count, from, fromOffset, MemorySegment.ofArray(numbers), 0);
    return numbers;
  }

  private static BlockDecoder decoder(DataType type) {
    return switch (type.name()) {
      case "F64" -> (in, at, out, to) -> put(out, to, 0, (float) in.get(DOUBLE, at));
      case "F32", "F16", "BF16" -> // see widen; one alone
          (in, at, out, to) -> widen(type, 1, in, at, out, to);
      case "F8_E4M3" -> (in, at, out, to) -> put(out, to, 0, e4m3(in.get(JAVA_BYTE, at)));
      case "Q4_0" -> Dequantiser::q40;
      case "Q4_1" -> Dequantiser::q41;
      case "Q5_0" -> Dequantiser::q50;
      case "Q5_1" -> Dequantiser::q51;
      case "Q8_0" -> Dequantiser::q80;
      case "Q2_K" -> Dequantiser::q2k;
      case "Q3_K" -> Dequantiser::q3k;
      case "Q4_K" -> Dequantiser::q4k;
      case "Q5_K" -> Dequantiser::q5k;
      case "Q6_K" -> Dequantiser::q6k;
      case "Q8_K" -> Dequantiser::q8k;
      case "IQ4_NL" -> CodebookDequantiser::iq4nl;
      case "IQ4_XS" -> CodebookDequantiser::iq4xs;
      case "IQ2_XXS" -> CodebookDequantiser::iq2xxs;
      case "IQ2_XS" -> CodebookDequantiser::iq2xs;
      case "IQ2_S" -> CodebookDequantiser::iq2s;
      case "IQ3_XXS" -> CodebookDequantiser::iq3xxs;
      case "IQ3_S" -> CodebookDequantiser::iq3s;
      case "IQ1_S" -> CodebookDequantiser::iq1s;
      case "IQ1_M" -> CodebookDequantiser::iq1m;
      default -> null;
    };
  }

  static void put(MemorySegment out, long to, int element, float number) {
    out.set(FLOAT, to + 4L * element, number);
  }

  static float half(MemorySegment in, long at) {
    return Float.float16ToFloat(in.get(SHORT, at));
  }

  /** Byte {@code at} as a number from 0 to 255. */
  static int unsigned(MemorySegment in, long at) {
    return in.get(JAVA_BYTE, at) & 0xff;
  }

  /** OCP FP8 E4M3: exponent bias 7, no infinities, one NaN of each sign. */
  static float e4m3(byte bits) {
    int exponent = (bits >> 3) & 15;
    int mantissa = bits & 7;
    float magnitude =
        (bits & 0x7f) == 0x7f
            ? Float.NaN
            : exponent == 0
                ? Math.scalb((float) mantissa, -9)
                : Math.scalb(1 + mantissa / 8f, exponent - 7);
    return bits < 0 ? -magnitude : magnitude;
  }

  // ---- blocks of 32 ----------------------------------------------------------------------------

  /** Nibble of element e: the low halves of 16 bytes are elements 0-15, the high ones 16-31. */
  static int nibble32(MemorySegment in, long nibbles, int e) {
    return unsigned(in, nibbles + e % 16) >> (e < 16 ? 0 : 4) & 15;
  }

  private static void q40(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    for (int e = 0; e < 32; e++) {
      put(out, to, e, d * (nibble32(in, at + 2, e) - 8));
    }
  }

  private static void q41(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    float m = half(in, at + 2);
    for (int e = 0; e < 32; e++) {
      put(out, to, e, d * nibble32(in, at + 4, e) + m);
    }
  }

  private static void q50(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    int fifths = in.get(INT, at + 2);
    for (int e = 0; e < 32; e++) {
      int q = nibble32(in, at + 6, e) | (fifths >>> e & 1) << 4;
      put(out, to, e, d * (q - 16));
    }
  }

  private static void q51(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    float m = half(in, at + 2);
    int fifths = in.get(INT, at + 4);
    for (int e = 0; e < 32; e++) {
      int q = nibble32(in, at + 8, e) | (fifths >>> e & 1) << 4;
      put(out, to, e, d * q + m);
    }
  }

  private static void q80(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    for (int e = 0; e < 32; e++) {
      put(out, to, e, d * in.get(JAVA_BYTE, at + 2 + e));
    }
  }

  // ---- super-blocks of 256 ---------------------------------------------------------------------
  // 2-bit fields: a run of 32 bytes holds 128 elements, bits 2g and 2g+1 of byte i are element
  // 32g + i. Bit planes of 32 bytes: bit g of byte i is element 32g + i. Nibbles of Q4_K and Q5_K:
  // a run of 32 bytes holds 64 elements, low halves first; those of Q6_K: 64 bytes hold 128.

  private static int twoBits(MemorySegment in, long fields, int e) {
    return unsigned(in, fields + 32 * (e / 128) + e % 32) >> 2 * (e % 128 / 32) & 3;
  }

  private static int oneBit(MemorySegment in, long plane, int e) {
    return unsigned(in, plane + e % 32) >> e / 32 & 1;
  }

  private static int nibble64(MemorySegment in, long nibbles, int e) {
    return unsigned(in, nibbles + 32 * (e / 64) + e % 32) >> 4 * (e % 64 / 32) & 15;
  }

  private static int nibble128(MemorySegment in, long nibbles, int e) {
    return unsigned(in, nibbles + 64 * (e / 128) + e % 64) >> 4 * (e % 128 / 64) & 15;
  }

  private static void q2k(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at + 80);
    float dmin = half(in, at + 82);
    for (int group = 0; group < 16; group++) {
      int packed = unsigned(in, at + group);
      float scale = d * (packed & 15);
      float min = dmin * (packed >> 4);
      for (int e = 16 * group; e < 16 * group + 16; e++) {
        put(out, to, e, scale * twoBits(in, at + 16, e) - min);
      }
    }
  }

  private static void q3k(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at + 108);
    for (int group = 0; group < 16; group++) {
      float scale = d * (scale3(in, at + 96, group) - 32);
      for (int e = 16 * group; e < 16 * group + 16; e++) {
        int q = twoBits(in, at + 32, e) | oneBit(in, at, e) << 2;
        put(out, to, e, scale * (q - 4));
      }
    }
  }

  /**
   * Scale of Q3_K: 16 low nibbles in 8 bytes (bytes 0-7 low, then high halves), the two high bits
   * in 4 bytes more.
   */
  private static int scale3(MemorySegment in, long scales, int group) {
    int low = unsigned(in, scales + group % 8) >> 4 * (group / 8) & 15;
    int high = unsigned(in, scales + 8 + group % 4) >> 2 * (group / 4) & 3;
    return low | high << 4;
  }

  private static void q4k(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    float dmin = half(in, at + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * scale4(in, at + 4, group);
      float min = dmin * min4(in, at + 4, group);
      for (int e = 32 * group; e < 32 * group + 32; e++) {
        put(out, to, e, scale * nibble64(in, at + 16, e) - min);
      }
    }
  }

  private static void q5k(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    float dmin = half(in, at + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * scale4(in, at + 4, group);
      float min = dmin * min4(in, at + 4, group);
      for (int e = 32 * group; e < 32 * group + 32; e++) {
        int q = nibble64(in, at + 48, e) | oneBit(in, at + 16, e) << 4;
        put(out, to, e, scale * q - min);
      }
    }
  }

  /**
   * Scale of Q4_K and Q5_K: groups 0-3 are the low 6 bits of bytes 0-3; groups 4-7 the low halves
   * of bytes 8-11 with the two high bits of bytes 0-3.
   */
  private static int scale4(MemorySegment in, long scales, int group) {
    return group < 4
        ? unsigned(in, scales + group) & 63
        : unsigned(in, scales + 4 + group) & 15 | unsigned(in, scales + group - 4) >> 6 << 4;
  }

  /** Min of Q4_K and Q5_K: as {@link #scale4}, from bytes 4-7 and the high halves of bytes 8-11. */
  private static int min4(MemorySegment in, long scales, int group) {
    return group < 4
        ? unsigned(in, scales + 4 + group) & 63
        : unsigned(in, scales + 4 + group) >> 4 | unsigned(in, scales + group) >> 6 << 4;
  }

  private static void q6k(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at + 208);
    for (int group = 0; group < 16; group++) {
      float scale = d * in.get(JAVA_BYTE, at + 192 + group);
      for (int e = 16 * group; e < 16 * group + 16; e++) {
        int q = nibble128(in, at, e) | twoBits(in, at + 128, e) << 4;
        put(out, to, e, scale * (q - 32));
      }
    }
  }

  private static void q8k(MemorySegment in, long at, MemorySegment out, long to) {
    float d = in.get(FLOAT, at);
    for (int e = 0; e < 256; e++) {
      put(out, to, e, d * in.get(JAVA_BYTE, at + 4 + e));
    }
  }
}
