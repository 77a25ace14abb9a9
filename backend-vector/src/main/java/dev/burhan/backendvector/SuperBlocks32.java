package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/** K-quants with groups of 32: byte i of 32 has number i of one group and of the next. */
final class SuperBlocks32 {
  private static final int GROUP = 32;
  private static final int PAIRS = 4;

  private SuperBlocks32() {}

  /** half d, half dmin; 6-bit scales and mins; nibbles. */
  static final class Q4K extends SuperBlocks {
    private static final int BYTES = 144;

    Q4K(Lanes lanes) {
      super(lanes, BYTES, GROUP, true);
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      scalesAndMins(w, at, scales, mins, out);
    }

    private static long pair(long at, int pair) {
      return at + (long) (pair / PAIRS) * BYTES + 16 + pair % PAIRS * GROUP;
    }

    @Override
    void numbers(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int pair = 0; pair < blocks * PAIRS; pair++) {
        int g = 2 * pair;
        for (int l = 0; l < GROUP; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, pair(at, pair) + l);
          int i = out + g * GROUP + l;
          lanes.store(nibbles.and((short) 15), work.scales[g], work.mins[g], to, i);
          ShortVector high = nibbles.lanewise(LSHR, 4);
          lanes.store(high, work.scales[g + 1], work.mins[g + 1], to, i + GROUP);
        }
      }
    }

    @Override
    void products(MemorySegment w, long at, int blocks, Work work) {
      FloatVector sum = FloatVector.fromArray(lanes.floats(), work.vectors, 0);
      for (int pair = 0; pair < blocks * PAIRS; pair++) {
        int g = 2 * pair;
        ShortVector first = ShortVector.zero(lanes.shorts());
        ShortVector second = first;
        for (int l = 0; l < GROUP; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, pair(at, pair) + l);
          int i = g * GROUP + l;
          first = first.add(nibbles.and((short) 15).mul(lanes.shorts(work.x, i)));
          ShortVector high = nibbles.lanewise(LSHR, 4);
          second = second.add(high.mul(lanes.shorts(work.x, i + GROUP)));
        }
        sum = lanes.add(lanes.widen(first), work.scales[g], sum);
        sum = lanes.add(lanes.widen(second), work.scales[g + 1], sum);
      }
      sum.intoArray(work.vectors, 0);
    }
  }

  /** half d, half dmin; 6-bit scales and mins; fifth bits; nibbles. */
  static final class Q5K extends SuperBlocks {
    private static final int BYTES = 176;

    Q5K(Lanes lanes) {
      super(lanes, BYTES, GROUP, true);
    }

    @Override
    void scales(MemorySegment w, long at, float[] scales, float[] mins, int out) {
      scalesAndMins(w, at, scales, mins, out);
    }

    private static long pair(long at, int pair) {
      return at + (long) (pair / PAIRS) * BYTES + 48 + pair % PAIRS * GROUP;
    }

    /** The fifth bits of pair p are the bits 2p and 2p + 1 of each byte. */
    private ShortVector fifth(MemorySegment w, long at, int pair, int l) {
      long b = at + (long) (pair / PAIRS) * BYTES + 16 + l;
      return lanes.bytes(w, b).lanewise(LSHR, pair % PAIRS * 2);
    }

    private static ShortVector low(ShortVector nibbles, ShortVector fifth) {
      return nibbles.and((short) 15).or(fifth.and((short) 1).lanewise(LSHL, 4));
    }

    private static ShortVector high(ShortVector nibbles, ShortVector fifth) {
      return nibbles.lanewise(LSHR, 4).or(fifth.and((short) 2).lanewise(LSHL, 3));
    }

    @Override
    void numbers(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
      for (int pair = 0; pair < blocks * PAIRS; pair++) {
        int g = 2 * pair;
        for (int l = 0; l < GROUP; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, pair(at, pair) + l);
          ShortVector fifth = fifth(w, at, pair, l);
          int i = out + g * GROUP + l;
          lanes.store(low(nibbles, fifth), work.scales[g], work.mins[g], to, i);
          ShortVector high = high(nibbles, fifth);
          lanes.store(high, work.scales[g + 1], work.mins[g + 1], to, i + GROUP);
        }
      }
    }

    @Override
    void products(MemorySegment w, long at, int blocks, Work work) {
      FloatVector sum = FloatVector.fromArray(lanes.floats(), work.vectors, 0);
      for (int pair = 0; pair < blocks * PAIRS; pair++) {
        int g = 2 * pair;
        ShortVector first = ShortVector.zero(lanes.shorts());
        ShortVector second = first;
        for (int l = 0; l < GROUP; l += lanes.shorts().length()) {
          ShortVector nibbles = lanes.bytes(w, pair(at, pair) + l);
          ShortVector fifth = fifth(w, at, pair, l);
          int i = g * GROUP + l;
          first = first.add(low(nibbles, fifth).mul(lanes.shorts(work.x, i)));
          second = second.add(high(nibbles, fifth).mul(lanes.shorts(work.x, i + GROUP)));
        }
        sum = lanes.add(lanes.widen(first), work.scales[g], sum);
        sum = lanes.add(lanes.widen(second), work.scales[g + 1], sum);
      }
      sum.intoArray(work.vectors, 0);
    }
  }
}
