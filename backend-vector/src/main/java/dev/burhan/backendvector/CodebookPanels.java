package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.burhan.tensor.Codebook;
import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The IQ types of 1 to 3 bits, see {@link DataType} for the blocks. A panel is the rows as the file
 * has them, one after another: an entry of a {@link Codebook} is looked up for one row at a time,
 * so that no arrangement would help. Eight numbers are a long, a byte each, and are negated
 * together; four are an int, whose bytes a vector of rows turns into floats.
 */
abstract class CodebookPanels extends PanelType {
  private static final int GROUP = 32;
  private static final int HALF_GROUP = 16; // shares a scale

  private final Stage lookUp = this::lookUp;
  private final Stage spread = this::spread;

  CodebookPanels(DataType type, Lanes lanes) {
    super(type, lanes);
  }

  /** In the file's layout there is nothing to win. */
  @Override
  boolean arranged() {
    return false;
  }

  @Override
  final void pack(byte[] in, int at, int cols, byte[] panel, int row, SplitBlock split) {
    int bytes = (int) type.bytes(cols);
    System.arraycopy(in, at, panel, row * bytes, bytes);
  }

  @Override
  final void floats(MemorySegment w, long panel, int cols, int from, int count, Work work) {
    long bytes = type.bytes(cols);
    for (int row = 0; row < lanes.rows(); row++) {
      work.to = row;
      Stage.run(lookUp, w, panel + row * bytes, from / GROUP, count / GROUP, work);
    }
    Stage.run(spread, w, panel, from, count / HALF_GROUP, work);
  }

  /** Looks the numbers of so many groups of a row up. */
  private void lookUp(MemorySegment w, long row, int first, int groups, Work work) {
    int each = type.blockElements() / GROUP;
    for (int i = 0; i < groups; i++) {
      int group = first + i;
      group(w, row + (long) (group / each) * type.blockBytes(), group % each, i * 2, work);
    }
  }

  /**
   * Looks a group's numbers up, and the scales of its halves, for row {@code work.to}.
   *
   * @param at where its block begins
   * @param g which group of the block
   * @param half which half of a group of the chunk it begins with
   */
  abstract void group(MemorySegment w, long at, int g, int half, Work work);

  /** Hands a half of a group over: its entries and its scale. */
  final void put(Work work, int half, long entry0, long entry1, float scale) {
    int rows = lanes.rows();
    int at = half * 4 * rows + work.to;
    work.codes[at] = (int) entry0;
    work.codes[at + rows] = (int) (entry0 >>> 32);
    work.codes[at + 2 * rows] = (int) entry1;
    work.codes[at + 3 * rows] = (int) (entry1 >>> 32);
    work.scales[half * rows + work.to] = scale;
  }

  private void spread(MemorySegment w, long at, int first, int halves, Work work) {
    int rows = lanes.rows();
    for (int i = 0; i < halves; i++) {
      for (int h = 0; h < rows; h += lanes.floats().length()) {
        FloatVector scale = FloatVector.fromArray(lanes.floats(), work.scales, i * rows + h);
        for (int j = i * 4; j < i * 4 + 4; j++) {
          IntVector four = IntVector.fromArray(lanes.ints(), work.codes, j * rows + h);
          int to = j * 4 * rows + h;
          number(four.lanewise(LSHL, 24), scale, work, to);
          number(four.lanewise(LSHL, 16), scale, work, to + rows);
          number(four.lanewise(LSHL, 8), scale, work, to + 2 * rows);
          number(four, scale, work, to + 3 * rows);
        }
      }
    }
  }

  private void number(IntVector highest, FloatVector scale, Work work, int to) {
    lanes.toFloats(highest.lanewise(ASHR, 24)).mul(scale).intoArray(work.floats, to);
  }

  // ---- reading ----------------------------------------------------------------------------------

  private static float half(MemorySegment w, long at) {
    return Float.float16ToFloat(w.get(Memory.SHORT, at));
  }

  private static int unsigned(MemorySegment w, long at) {
    return w.get(Memory.BYTE, at) & 0xff;
  }

  /** A scale of 2 bits and a half unit, times four. */
  private static float quarters(float d, int scale) {
    return d * (0.5f + scale) * 0.25f;
  }

  /** Negates the numbers whose bits are set. None of an entry's numbers is zero. */
  private static long signed(long entry, int signs) {
    long ones = Long.expand(signs, Words.ONES);
    return (entry ^ ones * 0xff) + ones;
  }

  /** The same by the lowest seven bits and an eighth that makes their number even. */
  private static long evenlySigned(long entry, int signs) {
    int seven = signs & 127;
    return signed(entry, seven | (Integer.bitCount(seven) & 1) << 7);
  }

  private static long[] entries(Codebook book) {
    return entries(book, 1, 0);
  }

  /** A codebook's entries, a byte for each number: {@code factor * number + offset}. */
  private static long[] entries(Codebook book, int factor, int offset) {
    long[] entries = new long[book.size()];
    for (int e = 0; e < entries.length; e++) {
      for (int i = 0; i < book.width(); i++) {
        entries[e] |= (factor * book.number(e, i) + offset & 0xffL) << 8 * i;
      }
    }
    return entries;
  }

  // ---- the types --------------------------------------------------------------------------------

  static final class Iq2Xxs extends CodebookPanels {
    private static final long[] BOOK = entries(Codebook.IQ2_XXS);

    Iq2Xxs(Lanes lanes) {
      super(DataType.IQ2_XXS, lanes);
    }

    @Override
    void group(MemorySegment w, long at, int g, int half, Work work) {
      int entries = w.get(Memory.INT, at + 2 + g * 8);
      int signs = w.get(Memory.INT, at + 6 + g * 8);
      float scale = quarters(half(w, at), signs >>> 28);
      long e0 = evenlySigned(BOOK[entries & 255], signs);
      long e1 = evenlySigned(BOOK[entries >> 8 & 255], signs >> 7);
      long e2 = evenlySigned(BOOK[entries >> 16 & 255], signs >> 14);
      long e3 = evenlySigned(BOOK[entries >>> 24], signs >> 21);
      put(work, half, e0, e1, scale);
      put(work, half + 1, e2, e3, scale);
    }
  }

  static final class Iq2Xs extends CodebookPanels {
    private static final long[] BOOK = entries(Codebook.IQ2_XS);

    Iq2Xs(Lanes lanes) {
      super(DataType.IQ2_XS, lanes);
    }

    @Override
    void group(MemorySegment w, long at, int g, int half, Work work) {
      int scales = unsigned(w, at + 66 + g);
      float d = half(w, at);
      for (int i = 0; i < 2; i++) {
        int packed = w.get(Memory.INT, at + 2 + g * 8 + i * 4);
        long e0 = evenlySigned(BOOK[packed & 511], packed >> 9);
        long e1 = evenlySigned(BOOK[packed >> 16 & 511], packed >> 25);
        put(work, half + i, e0, e1, quarters(d, scales >> 4 * i & 15));
      }
    }
  }

  static final class Iq2S extends CodebookPanels {
    private static final long[] BOOK = entries(Codebook.IQ2_S);

    Iq2S(Lanes lanes) {
      super(DataType.IQ2_S, lanes);
    }

    @Override
    void group(MemorySegment w, long at, int g, int half, Work work) {
      int scales = unsigned(w, at + 74 + g);
      int highs = unsigned(w, at + 66 + g);
      float d = half(w, at);
      for (int i = 0; i < 2; i++) {
        int lows = w.get(Memory.SHORT, at + 2 + g * 4 + i * 2);
        int signs = w.get(Memory.SHORT, at + 34 + g * 4 + i * 2);
        int two = highs >> 4 * i;
        long e0 = signed(BOOK[lows & 255 | (two & 3) << 8], signs & 255);
        long e1 = signed(BOOK[lows >> 8 & 255 | (two & 12) << 6], signs >> 8 & 255);
        put(work, half + i, e0, e1, quarters(d, scales >> 4 * i & 15));
      }
    }
  }

  static final class Iq3Xxs extends CodebookPanels {
    private static final long[] BOOK = entries(Codebook.IQ3_XXS);

    Iq3Xxs(Lanes lanes) {
      super(DataType.IQ3_XXS, lanes);
    }

    @Override
    void group(MemorySegment w, long at, int g, int half, Work work) {
      int signs = w.get(Memory.INT, at + 66 + g * 4);
      float scale = half(w, at) * (0.5f + (signs >>> 28)) * 0.5f;
      for (int i = 0; i < 2; i++) {
        int four = w.get(Memory.INT, at + 2 + g * 8 + i * 4);
        long e0 = BOOK[four & 255] | BOOK[four >> 8 & 255] << 32;
        long e1 = BOOK[four >> 16 & 255] | BOOK[four >>> 24] << 32;
        int two = signs >> 14 * i;
        put(work, half + i, evenlySigned(e0, two), evenlySigned(e1, two >> 7), scale);
      }
    }
  }

  static final class Iq3S extends CodebookPanels {
    private static final long[] BOOK = entries(Codebook.IQ3_S);

    Iq3S(Lanes lanes) {
      super(DataType.IQ3_S, lanes);
    }

    @Override
    void group(MemorySegment w, long at, int g, int half, Work work) {
      int ninths = unsigned(w, at + 66 + g) << 8;
      int scale = unsigned(w, at + 106 + g / 2) >> 4 * (g % 2) & 15;
      float d = half(w, at) * (1 + 2 * scale);
      for (int i = 0; i < 2; i++) {
        int four = w.get(Memory.INT, at + 2 + g * 8 + i * 4);
        int signs = w.get(Memory.SHORT, at + 74 + g * 4 + i * 2);
        long e0 = BOOK[four & 255 | ninths & 256] | BOOK[four >> 8 & 255 | ninths >> 1 & 256] << 32;
        long e1 =
            BOOK[four >> 16 & 255 | ninths >> 2 & 256]
                | BOOK[four >>> 24 | ninths >> 3 & 256] << 32;
        put(work, half + i, signed(e0, signs & 255), signed(e1, signs >> 8 & 255), d);
        ninths >>= 4;
      }
    }
  }

  /** IQ1_S and IQ1_M: numbers and delta are counted in eighths, up to +-9. */
  private abstract static class OneBit extends CodebookPanels {
    private static final long[] BOOK = book();
    private static final float EIGHTH = 0.125f;

    OneBit(DataType type, Lanes lanes) {
      super(type, lanes);
    }

    static float scale(float d, int bits) {
      return d * (2 * (bits & 7) + 1) * EIGHTH;
    }

    /** The entry of eight low bits and three high ones, to which bit 3 adds the sign of delta. */
    static long entry(int low, int high) {
      return BOOK[low & 255 | (high & 15) << 8];
    }

    private static long[] book() {
      int size = Codebook.IQ1.size();
      long[] up = entries(Codebook.IQ1, 8, 1);
      long[] both = Arrays.copyOf(up, 2 * size);
      System.arraycopy(entries(Codebook.IQ1, 8, -1), 0, both, size, size);
      return both;
    }
  }

  static final class Iq1S extends OneBit {
    Iq1S(Lanes lanes) {
      super(DataType.IQ1_S, lanes);
    }

    @Override
    void group(MemorySegment w, long at, int g, int half, Work work) {
      int lows = w.get(Memory.INT, at + 2 + g * 4);
      int highs = w.get(Memory.SHORT, at + 34 + g * 2);
      float scale = scale(half(w, at), highs >> 12);
      int down = highs >> 12 & 8;
      long e0 = entry(lows, highs & 7 | down);
      long e1 = entry(lows >> 8, highs >> 3 & 7 | down);
      long e2 = entry(lows >> 16, highs >> 6 & 7 | down);
      long e3 = entry(lows >> 24, highs >> 9 & 7 | down);
      put(work, half, e0, e1, scale);
      put(work, half + 1, e2, e3, scale);
    }
  }

  static final class Iq1M extends OneBit {
    private static final long QUARTERS = 0xf000_f000_f000_f000L;

    Iq1M(Lanes lanes) {
      super(DataType.IQ1_M, lanes);
    }

    @Override
    void group(MemorySegment w, long at, int g, int half, Work work) {
      long scales = w.get(Memory.LONG, at + 48);
      float d = Float.float16ToFloat((short) Long.compress(scales, QUARTERS));
      int lows = w.get(Memory.INT, at + g * 4);
      int highs = w.get(Memory.SHORT, at + 32 + g * 2);
      int two = (int) (scales >> g / 2 * 16 + g % 2 * 6);
      put(work, half, entry(lows, highs), entry(lows >> 8, highs >> 4), scale(d, two));
      put(
          work,
          half + 1,
          entry(lows >> 16, highs >> 8),
          entry(lows >> 24, highs >> 12),
          scale(d, two >> 3));
    }
  }
}
