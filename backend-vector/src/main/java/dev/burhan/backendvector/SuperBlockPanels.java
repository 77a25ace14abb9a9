package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The types with super-blocks of 256 (K-quants). Each group's scale, and min, is an integer of few
 * bits times the super-block's half d, and dmin; panels hold these integers as nibbles and, where
 * they have 6 bits, bytes of the high two, in an order that a vector unpacks in few steps. See
 * {@link DataType} for the blocks.
 */
final class SuperBlockPanels {
  private static final int SUPER = 256;

  private SuperBlockPanels() {}

  private abstract static class SuperBlock extends IntegerPanels {
    private final int scaleBytes;
    private final boolean mins;
    private final Stage fields = this::fields;
    private final Stage scaled;

    SuperBlock(DataType type, Lanes lanes, Planes planes, int group, int scaleBytes, boolean mins) {
      super(type, lanes, planes, group, scaleBytes, mins);
      this.scaleBytes = scaleBytes;
      this.mins = mins;
      this.scaled = mins ? this::timesHalves : this::timesHalf;
    }

    @Override
    final int halves() {
      return mins ? 2 : 1;
    }

    @Override
    final void unpackScales(MemorySegment w, long at, int first, int count, Work work) {
      int groups = SUPER / group;
      for (int i = 0; i < count; i += groups) {
        int some = Math.min(groups, count - i);
        work.to = i * lanes.rows();
        Stage.run(fields, w, at, first, some, work);
        Stage.run(scaled, w, at, first, some, work);
        at += (long) scaleBytes * lanes.rows();
      }
    }

    /**
     * Writes integer scales, and mins, of groups {@code [first, first + count)} of a super-block as
     * floats, from {@code work.to} on.
     */
    abstract void fields(MemorySegment w, long block, int first, int count, Work work);

    private void timesHalf(MemorySegment w, long block, int first, int count, Work work) {
      int half = lanes.floats().length();
      for (int h = 0; h < lanes.rows(); h += half) {
        FloatVector d = lanes.halves(w, block + 2L * h);
        for (int g = 0; g < count; g++) {
          int i = work.to + g * lanes.rows() + h;
          FloatVector.fromArray(lanes.floats(), work.scales, i).mul(d).intoArray(work.scales, i);
        }
      }
    }

    private void timesHalves(MemorySegment w, long block, int first, int count, Work work) {
      int half = lanes.floats().length();
      FloatVector centre = FloatVector.broadcast(lanes.floats(), planes.centre());
      for (int h = 0; h < lanes.rows(); h += half) {
        FloatVector d = lanes.halves(w, block + 2L * h);
        FloatVector dmin = lanes.halves(w, block + 2L * (lanes.rows() + h));
        for (int g = 0; g < count; g++) {
          int i = work.to + g * lanes.rows() + h;
          FloatVector scale = FloatVector.fromArray(lanes.floats(), work.scales, i).mul(d);
          FloatVector min = FloatVector.fromArray(lanes.floats(), work.offsets, i).mul(dmin);
          scale.intoArray(work.scales, i);
          scale.fma(centre, min.neg()).intoArray(work.offsets, i);
        }
      }
    }

    /** Byte field {@code i} of the rows from {@code h} on. */
    final IntVector field(MemorySegment w, long block, int i, int h) {
      return lanes.bytesAsInts(w, block + (long) i * lanes.rows() + h);
    }
  }

  private static int nibble(byte[] in, int at, int high) {
    return in[at] >> 4 * high & 15;
  }

  private static int two(byte[] in, int at, int place) {
    return in[at] >> 2 * place & 3;
  }

  /** Nibbles as Q4_K and Q5_K have them: 32 bytes hold 64 numbers, low halves first. */
  private static void nibbles64(byte[] in, int at, byte[] q) {
    for (int k = 0; k < SUPER; k += 32) {
      Words.bits(in, at + k / 64 * 32, 32, k % 64 / 8, Words.NIBBLES, q, k);
    }
  }

  /**
   * Adds 2-bit fields from bit {@code left} on: 32 bytes hold 128 numbers, four runs of 32 from the
   * lowest bits on.
   */
  private static void twoBits(byte[] in, int at, int left, byte[] q) {
    for (int k = 0; k < SUPER; k += 32) {
      Words.add(in, at + k / 128 * 32, 32, k % 128 / 16, Words.TWOS, left, q, k);
    }
  }

  /** Adds a bit plane of 32 bytes as bit {@code left}: bit g of byte i is number 32 g + i. */
  private static void oneBit(byte[] in, int at, int left, byte[] q) {
    for (int k = 0; k < SUPER; k += 32) {
      Words.add(in, at, 32, k / 32, Words.ONES, left, q, k);
    }
  }

  /** Q4_K and Q5_K: 6-bit scales and mins of 8 groups. */
  private abstract static class SixBits extends SuperBlock {
    private static final int GROUP = 32;
    private static final int NIBBLES = 4;
    private static final int HIGHS = 12;

    SixBits(DataType type, Lanes lanes, Planes planes) {
      super(type, lanes, planes, GROUP, 16, true);
    }

    /** Both halves, then for each group a byte of nibbles, then for two groups a byte of highs. */
    static void fields(byte[] in, int at, byte[] scales) {
      System.arraycopy(in, at, scales, 0, NIBBLES);
      int packed = at + 4;
      int highs = 0;
      for (int g = 0; g < 8; g++) {
        int scale = g < 4 ? in[packed + g] & 63 : high(in, packed + g + 4, 0, packed + g - 4);
        int min = g < 4 ? in[packed + g + 4] & 63 : high(in, packed + g + 4, 1, packed + g);
        scales[NIBBLES + g] = (byte) (scale & 15 | min << 4);
        highs = g % 2 == 0 ? 0 : highs;
        highs |= (scale >> 4 | min >> 4 << 2) << g % 2 * 4;
        scales[HIGHS + g / 2] = (byte) highs;
      }
    }

    private static int high(byte[] in, int low, int half, int high) {
      return nibble(in, low, half) | two(in, high, 3) << 4;
    }

    @Override
    final void fields(MemorySegment w, long block, int first, int count, Work work) {
      for (int g = first; g < first + count; g++) {
        for (int h = 0; h < lanes.rows(); h += lanes.floats().length()) {
          IntVector low = field(w, block, NIBBLES + g, h);
          IntVector high = field(w, block, HIGHS + g / 2, h).lanewise(LSHR, g % 2 * 4);
          int to = work.to + (g - first) * lanes.rows() + h;
          lanes.toFloats(low.and(15).or(high.and(3).lanewise(LSHL, 4))).intoArray(work.scales, to);
          lanes
              .toFloats(low.lanewise(LSHR, 4).or(high.and(12).lanewise(LSHL, 2)))
              .intoArray(work.offsets, to);
        }
      }
    }
  }

  /** half d, half dmin; scales and mins; nibbles. */
  static final class Q4K extends SixBits {
    Q4K(Lanes lanes) {
      super(DataType.Q4_K, lanes, new Planes4(lanes));
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      fields(in, at, scales);
      nibbles64(in, at + 16, q);
    }
  }

  /** half d, half dmin; scales and mins; fifth bits; nibbles. */
  static final class Q5K extends SixBits {
    Q5K(Lanes lanes) {
      super(DataType.Q5_K, lanes, new Planes5(lanes));
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      fields(in, at, scales);
      nibbles64(in, at + 48, q);
      oneBit(in, at + 16, 4, q);
    }
  }

  /** Scales and mins of 4 bits for 16 groups; 2-bit numbers; half d, half dmin. */
  static final class Q2K extends SuperBlock {
    Q2K(Lanes lanes) {
      super(DataType.Q2_K, lanes, new Planes2(lanes), 16, 20, true);
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      System.arraycopy(in, at + 80, scales, 0, 4);
      System.arraycopy(in, at, scales, 4, 16);
      Arrays.fill(q, (byte) 0);
      twoBits(in, at + 16, 0, q);
    }

    @Override
    void fields(MemorySegment w, long block, int first, int count, Work work) {
      for (int g = first; g < first + count; g++) {
        for (int h = 0; h < lanes.rows(); h += lanes.floats().length()) {
          IntVector both = field(w, block, 4 + g, h);
          int to = work.to + (g - first) * lanes.rows() + h;
          lanes.toFloats(both.and(15)).intoArray(work.scales, to);
          lanes.toFloats(both.lanewise(LSHR, 4)).intoArray(work.offsets, to);
        }
      }
    }
  }

  /** Third bits; low 2 bits; 6-bit scales for 16 groups; half d. */
  static final class Q3K extends SuperBlock {
    private static final int NIBBLES = 2;
    private static final int HIGHS = 10;

    Q3K(Lanes lanes) {
      super(DataType.Q3_K, lanes, new Planes3(lanes), 16, 14, false);
    }

    /**
     * The file has low nibbles of groups g and g + 8 in byte g, and the high bits of the groups g,
     * g + 4, g + 8 and g + 12 in a byte. Both stay: they unpack by shifts as they are.
     */
    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      System.arraycopy(in, at + 108, scales, 0, 2);
      System.arraycopy(in, at + 96, scales, NIBBLES, 12);
      Arrays.fill(q, (byte) 0);
      twoBits(in, at + 32, 0, q);
      oneBit(in, at, 2, q);
    }

    @Override
    void fields(MemorySegment w, long block, int first, int count, Work work) {
      for (int g = first; g < first + count; g++) {
        for (int h = 0; h < lanes.rows(); h += lanes.floats().length()) {
          IntVector low = field(w, block, NIBBLES + g % 8, h).lanewise(LSHR, g / 8 * 4).and(15);
          IntVector high = field(w, block, HIGHS + g % 4, h).lanewise(LSHR, g / 4 * 2).and(3);
          int to = work.to + (g - first) * lanes.rows() + h;
          lanes.toFloats(low.or(high.lanewise(LSHL, 4)).sub(32)).intoArray(work.scales, to);
        }
      }
    }
  }

  /** Low nibbles; high 2 bits; byte scales for 16 groups; half d. */
  static final class Q6K extends SuperBlock {
    Q6K(Lanes lanes) {
      super(DataType.Q6_K, lanes, new Planes6(lanes), 16, 18, false);
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      System.arraycopy(in, at + 208, scales, 0, 2);
      System.arraycopy(in, at + 192, scales, 2, 16);
      for (int k = 0; k < SUPER; k += 64) {
        Words.bits(in, at + k / 128 * 64, 64, k % 128 / 16, Words.NIBBLES, q, k);
      }
      twoBits(in, at + 128, 4, q);
    }

    @Override
    void fields(MemorySegment w, long block, int first, int count, Work work) {
      for (int g = first; g < first + count; g++) {
        for (int h = 0; h < lanes.rows(); h += lanes.floats().length()) {
          IntVector scale = lanes.signedBytesAsInts(w, block + (2L + g) * lanes.rows() + h);
          lanes.toFloats(scale).intoArray(work.scales, work.to + (g - first) * lanes.rows() + h);
        }
      }
    }
  }

  /** half d; 6-bit scales for 8 groups; nibbles that are looked up. Multiplied in F32 as Q8_0. */
  static final class Iq4Xs extends SuperBlock {
    private static final int GROUP = 32;
    private static final int NIBBLES = 2;
    private static final int HIGHS = 6;

    Iq4Xs(Lanes lanes) {
      super(DataType.IQ4_XS, lanes, new PlanesIq4(lanes), GROUP, 8, false);
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      System.arraycopy(in, at, scales, 0, 2);
      System.arraycopy(in, at + 4, scales, NIBBLES, 4);
      System.arraycopy(in, at + 2, scales, HIGHS, 2);
      for (int k = 0; k < SUPER; k += GROUP) {
        BlockPanels.nibbles(in, at + 8 + k / 2, q, k);
      }
    }

    @Override
    void fields(MemorySegment w, long block, int first, int count, Work work) {
      for (int g = first; g < first + count; g++) {
        for (int h = 0; h < lanes.rows(); h += lanes.floats().length()) {
          IntVector low = field(w, block, NIBBLES + g / 2, h).lanewise(LSHR, g % 2 * 4).and(15);
          IntVector high = field(w, block, HIGHS + g / 4, h).lanewise(LSHR, g % 4 * 2).and(3);
          int to = work.to + (g - first) * lanes.rows() + h;
          lanes.toFloats(low.or(high.lanewise(LSHL, 4)).sub(32)).intoArray(work.scales, to);
        }
      }
    }

    @Override
    Optional<IntegerPanels> integers() {
      return Optional.empty();
    }

    @Override
    int dotChunk() {
      return Work.INTEGERS;
    }

    @Override
    void dot(MemorySegment w, long panel, int cols, int from, int count, Work work, int sums) {
      dotNumbers(w, panel, cols, from, count, work, sums);
    }
  }
}
