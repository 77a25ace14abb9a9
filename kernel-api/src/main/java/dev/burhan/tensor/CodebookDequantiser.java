package dev.burhan.tensor;

import static dev.burhan.tensor.Dequantiser.INT;
import static dev.burhan.tensor.Dequantiser.SHORT;
import static dev.burhan.tensor.Dequantiser.half;
import static dev.burhan.tensor.Dequantiser.nibble32;
import static dev.burhan.tensor.Dequantiser.put;
import static dev.burhan.tensor.Dequantiser.unsigned;

import java.lang.foreign.MemorySegment;

/**
 * The IQ types' blocks, see {@link DataType}. A product of scales and number has at most 24
 * significant bits, so that no order of multiplication rounds (unless d is subnormal).
 */
final class CodebookDequantiser {
  private static final int SUPER = 256;
  private static final float DELTA = 0.125f;

  private CodebookDequantiser() {}

  // ---- 4 bits: a number of its own for each nibble ----------------------------------------------

  static void iq4nl(MemorySegment in, long at, MemorySegment out, long to) {
    group4(in, at + 2, half(in, at), out, to);
  }

  static void iq4xs(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    int highs = in.get(SHORT, at + 2);
    for (int group = 0; group < 8; group++) {
      int scale = nibble(in, at + 4, group) | (highs >> 2 * group & 3) << 4;
      group4(in, at + 8 + 16 * group, d * (scale - 32), out, to + 4L * 32 * group);
    }
  }

  private static void group4(
      MemorySegment in, long nibbles, float scale, MemorySegment out, long to) {
    for (int e = 0; e < 32; e++) {
      put(out, to, e, scale * Codebook.IQ4.number(nibble32(in, nibbles, e), 0));
    }
  }

  // ---- 2 and 3 bits: entries of 8 or 4 numbers, and signs ---------------------------------------

  static void iq2xxs(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    for (int e = 0; e < SUPER; e += 8) {
      long group = at + 2 + e / 32 * 8;
      int signsAndScale = in.get(INT, group + 4);
      float scale = d * (0.5f + (signsAndScale >>> 28)) * 0.25f;
      int entry = unsigned(in, group + e % 32 / 8);
      signed(
          Codebook.IQ2_XXS,
          entry,
          evenSigns(signsAndScale >>> 7 * (e % 32 / 8)),
          scale,
          out,
          to,
          e);
    }
  }

  static void iq2xs(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    for (int e = 0; e < SUPER; e += 8) {
      int packed = in.get(SHORT, at + 2 + e / 4) & 0xffff;
      float scale = d * (0.5f + nibble(in, at + 66, e / 16)) * 0.25f;
      signed(Codebook.IQ2_XS, packed & 511, evenSigns(packed >> 9), scale, out, to, e);
    }
  }

  static void iq2s(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    for (int e = 0; e < SUPER; e += 8) {
      int high = unsigned(in, at + 66 + e / 32) >> 2 * (e % 32 / 8) & 3;
      int entry = unsigned(in, at + 2 + e / 8) | high << 8;
      float scale = d * (0.5f + nibble(in, at + 74, e / 16)) * 0.25f;
      signed(Codebook.IQ2_S, entry, unsigned(in, at + 34 + e / 8), scale, out, to, e);
    }
  }

  static void iq3xxs(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    for (int e = 0; e < SUPER; e += 4) {
      int signsAndScale = in.get(INT, at + 66 + e / 32 * 4);
      float scale = d * (0.5f + (signsAndScale >>> 28)) * 0.5f;
      int signs = evenSigns(signsAndScale >>> 7 * (e % 32 / 8)) >> e % 8;
      signed(Codebook.IQ3_XXS, unsigned(in, at + 2 + e / 4), signs, scale, out, to, e);
    }
  }

  static void iq3s(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    for (int e = 0; e < SUPER; e += 4) {
      int ninth = unsigned(in, at + 66 + e / 32) >> e % 32 / 4 & 1;
      int entry = unsigned(in, at + 2 + e / 4) | ninth << 8;
      float scale = d * (1 + 2 * nibble(in, at + 106, e / 32));
      signed(Codebook.IQ3_S, entry, unsigned(in, at + 74 + e / 8) >> e % 8, scale, out, to, e);
    }
  }

  /** Writes an entry's numbers, those negative whose bits are set. */
  private static void signed(
      Codebook book, int entry, int signs, float scale, MemorySegment out, long to, int e) {
    for (int i = 0; i < book.width(); i++) {
      float number = scale * book.number(entry, i);
      put(out, to, e + i, (signs >> i & 1) == 0 ? number : -number);
    }
  }

  /** The lowest seven bits and an eighth that makes the number of those set even. */
  private static int evenSigns(int signs) {
    int seven = signs & 127;
    return seven | (Integer.bitCount(seven) & 1) << 7;
  }

  // ---- 1 bit: entries of 8 numbers, shifted -----------------------------------------------------

  static void iq1s(MemorySegment in, long at, MemorySegment out, long to) {
    float d = half(in, at);
    for (int e = 0; e < SUPER; e += 8) {
      int group = in.get(SHORT, at + 34 + e / 32 * 2) & 0xffff;
      int entry = unsigned(in, at + 2 + e / 8) | (group >> 3 * (e % 32 / 8) & 7) << 8;
      shifted(entry, group >> 15, d * (2 * (group >> 12 & 7) + 1), out, to, e);
    }
  }

  static void iq1m(MemorySegment in, long at, MemorySegment out, long to) {
    int half = 0;
    for (int i = 0; i < 4; i++) {
      half |= (unsigned(in, at + 49 + 2 * i) >> 4) << 4 * i;
    }
    float d = Float.float16ToFloat((short) half);
    for (int e = 0; e < SUPER; e += 8) {
      int scale = in.get(SHORT, at + 48 + e / 64 * 2) >> 3 * (e % 64 / 16) & 7;
      int high = nibble(in, at + 32, e / 8);
      int entry = unsigned(in, at + e / 8) | (high & 7) << 8;
      shifted(entry, high >> 3, d * (2 * scale + 1), out, to, e);
    }
  }

  private static void shifted(int entry, int down, float scale, MemorySegment out, long to, int e) {
    float delta = down == 0 ? DELTA : -DELTA;
    for (int i = 0; i < 8; i++) {
      put(out, to, e + i, scale * (Codebook.IQ1.number(entry, i) + delta));
    }
  }

  /** Nibble {@code i}, low halves first. */
  private static int nibble(MemorySegment in, long nibbles, int i) {
    return unsigned(in, nibbles + i / 2) >> i % 2 * 4 & 15;
  }
}
