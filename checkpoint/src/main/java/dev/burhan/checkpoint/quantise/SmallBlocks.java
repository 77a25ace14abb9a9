package dev.burhan.checkpoint.quantise;

import static dev.burhan.checkpoint.quantise.Quantiser.half;
import static dev.burhan.checkpoint.quantise.Quantiser.nearest;

import java.nio.ByteBuffer;

/** Blocks of 32 with one scale. The integers are nearest to what the scale is as it is stored. */
final class SmallBlocks {
  private static final int SIZE = 32;

  private SmallBlocks() {}

  static void q80(float[] in, int from, ByteBuffer out) {
    float most = Math.abs(extreme(in, from));
    float d = half(most / 127);
    out.putShort(Float.floatToFloat16(d));
    for (int i = from; i < from + SIZE; i++) {
      out.put((byte) nearest(in[i], d, -127, 127));
    }
  }

  static void q40(float[] in, int from, ByteBuffer out) {
    float d = half(extreme(in, from) / -8);
    out.putShort(Float.floatToFloat16(d));
    nibbles(integers(in, from, d, 0, 8, 15), out);
  }

  static void q50(float[] in, int from, ByteBuffer out) {
    float d = half(extreme(in, from) / -16);
    out.putShort(Float.floatToFloat16(d));
    int[] q = integers(in, from, d, 0, 16, 31);
    fifths(q, out);
    nibbles(q, out);
  }

  static void q41(float[] in, int from, ByteBuffer out) {
    nibbles(withMin(in, from, 15, out), out);
  }

  static void q51(float[] in, int from, ByteBuffer out) {
    int[] q = withMin(in, from, 31, out);
    fifths(q, out);
    nibbles(q, out);
  }

  /** Writes scale and least number; the integers from there. */
  private static int[] withMin(float[] in, int from, int most, ByteBuffer out) {
    float least = in[from];
    float greatest = in[from];
    for (int i = from; i < from + SIZE; i++) {
      least = Math.min(least, in[i]);
      greatest = Math.max(greatest, in[i]);
    }
    float m = half(least);
    float d = half((greatest - m) / most);
    out.putShort(Float.floatToFloat16(d));
    out.putShort(Float.floatToFloat16(m));
    return integers(in, from, d, m, 0, most);
  }

  private static int[] integers(float[] in, int from, float d, float m, int zero, int most) {
    int[] q = new int[SIZE];
    for (int i = 0; i < SIZE; i++) {
      q[i] = nearest(in[from + i] - m, d, -zero, most - zero) + zero;
    }
    return q;
  }

  /** The number of the greatest magnitude, with its sign. */
  private static float extreme(float[] in, int from) {
    float extreme = 0;
    for (int i = from; i < from + SIZE; i++) {
      extreme = Math.abs(in[i]) > Math.abs(extreme) ? in[i] : extreme;
    }
    return extreme;
  }

  private static void nibbles(int[] q, ByteBuffer out) {
    for (int i = 0; i < SIZE / 2; i++) {
      out.put((byte) (q[i] & 15 | (q[i + SIZE / 2] & 15) << 4));
    }
  }

  private static void fifths(int[] q, ByteBuffer out) {
    int bits = 0;
    for (int i = 0; i < SIZE; i++) {
      bits |= (q[i] >> 4) << i;
    }
    out.putInt(bits);
  }
}
