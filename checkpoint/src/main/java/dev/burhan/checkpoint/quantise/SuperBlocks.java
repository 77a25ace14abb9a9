package dev.burhan.checkpoint.quantise;

import static dev.burhan.checkpoint.quantise.Quantiser.half;
import static dev.burhan.checkpoint.quantise.Quantiser.nearest;

import java.nio.ByteBuffer;

/**
 * Blocks of 256 whose groups have small integers for scales. Each group's scale (and min) is
 * searched for by itself: several candidates around the plain one, each refined by least squares in
 * which a number weighs its square and the group's mean one; then scales become integers and the
 * numbers are rounded once more, to what the scales have become.
 */
final class SuperBlocks {
  private static final int SIZE = 256;
  private static final int CANDIDATES = 8; // to either side of the plain scale
  private static final float STRIDE = 0.01f; // between candidates, of the plain scale

  private SuperBlocks() {}

  /** {@code x = scale * q - min}. */
  private record Fit(float scale, float min) {}

  static void q4k(float[] in, int from, ByteBuffer out) {
    int[] q = withMins(in, from, 15, out);
    nibbles(q, 64, out);
  }

  static void q5k(float[] in, int from, ByteBuffer out) {
    int[] q = withMins(in, from, 31, out);
    for (int i = 0; i < 32; i++) {
      int bits = 0;
      for (int group = 0; group < 8; group++) {
        bits |= (q[32 * group + i] >> 4) << group;
      }
      out.put((byte) bits);
    }
    nibbles(q, 64, out);
  }

  static void q6k(float[] in, int from, ByteBuffer out) {
    float[] scales = new float[16];
    float extreme = 0;
    for (int group = 0; group < 16; group++) {
      scales[group] = symmetric(in, from + 16 * group);
      extreme = Math.abs(scales[group]) > Math.abs(extreme) ? scales[group] : extreme;
    }
    float d = half(extreme / -128);
    byte[] integers = new byte[16];
    int[] q = new int[SIZE];
    for (int group = 0; group < 16; group++) {
      integers[group] = (byte) nearest(scales[group], d, -128, 127);
      for (int i = 16 * group; i < 16 * group + 16; i++) {
        q[i] = nearest(in[from + i], d * integers[group], -32, 31) + 32;
      }
    }
    nibbles(q, 128, out);
    twoBits(q, out);
    out.put(integers);
    out.putShort(Float.floatToFloat16(d));
  }

  /** Writes scales and mins of 8 groups; the integers, up to {@code most}. */
  private static int[] withMins(float[] in, int from, int most, ByteBuffer out) {
    Fit[] fits = new Fit[8];
    float scale = 0;
    float min = 0;
    for (int group = 0; group < 8; group++) {
      fits[group] = fit(in, from + 32 * group, most);
      scale = Math.max(scale, fits[group].scale);
      min = Math.max(min, fits[group].min);
    }
    float d = half(scale / 63);
    float dmin = half(min / 63);
    int[] scales = new int[8];
    int[] mins = new int[8];
    int[] q = new int[SIZE];
    for (int group = 0; group < 8; group++) {
      scales[group] = nearest(fits[group].scale, d, 0, 63);
      mins[group] = nearest(fits[group].min, dmin, 0, 63);
      float below = dmin * mins[group];
      for (int i = 32 * group; i < 32 * group + 32; i++) {
        q[i] = nearest(in[from + i] + below, d * scales[group], 0, most);
      }
    }
    out.putShort(Float.floatToFloat16(d));
    out.putShort(Float.floatToFloat16(dmin));
    packed(scales, mins, out);
    return q;
  }

  /** 6 bits each: of groups 4 to 7 the two high ones lie above the first four's. */
  private static void packed(int[] scales, int[] mins, ByteBuffer out) {
    for (int[] values : new int[][] {scales, mins}) {
      for (int i = 0; i < 4; i++) {
        out.put((byte) (values[i] | values[i + 4] >> 4 << 6));
      }
    }
    for (int i = 4; i < 8; i++) {
      out.put((byte) (scales[i] & 15 | (mins[i] & 15) << 4));
    }
  }

  /** For 32 numbers: scale and min, neither negative. */
  private static Fit fit(float[] in, int from, int most) {
    float least = 0; // a min below which there is nothing is none
    float greatest = 0;
    for (int i = from; i < from + 32; i++) {
      least = Math.min(least, in[i]);
      greatest = Math.max(greatest, in[i]);
    }
    double[] weights = weights(in, from, 32);
    Fit best = new Fit((greatest - least) / most, -least);
    double error = error(in, from, weights, best, most);
    for (int candidate = -CANDIDATES; candidate <= CANDIDATES && best.scale > 0; candidate++) {
      float scale = (greatest - least) / most * (1 + STRIDE * candidate);
      Fit refined = refined(in, from, weights, new Fit(scale, -least), most);
      double found = error(in, from, weights, refined, most);
      if (found < error) {
        error = found;
        best = refined;
      }
    }
    return best;
  }

  private static double error(float[] in, int from, double[] weights, Fit fit, int most) {
    double error = 0;
    for (int i = from; i < from + 32; i++) {
      int q = nearest(in[i] + fit.min, fit.scale, 0, most);
      double off = fit.scale * q - fit.min - in[i];
      error += weights[i - from] * off * off;
    }
    return error;
  }

  /** Large numbers count more, but none so little that it may end up anywhere. */
  private static double[] weights(float[] in, int from, int count) {
    double[] weights = new double[count];
    double mean = 0;
    for (int i = 0; i < count; i++) {
      weights[i] = (double) in[from + i] * in[from + i];
      mean += weights[i] / count;
    }
    for (int i = 0; i < count; i++) {
      weights[i] += mean;
    }
    return weights;
  }

  /** Least squares for the integers that a fit gives. */
  private static Fit refined(float[] in, int from, double[] weights, Fit fit, int most) {
    double w = 0;
    double x = 0;
    double l = 0;
    double ll = 0;
    double xl = 0;
    for (int i = from; i < from + 32; i++) {
      int q = nearest(in[i] + fit.min, fit.scale, 0, most);
      double weight = weights[i - from];
      w += weight;
      x += weight * in[i];
      l += weight * q;
      ll += weight * q * q;
      xl += weight * in[i] * q;
    }
    double determinant = w * ll - l * l;
    double scale = determinant > 0 ? (w * xl - x * l) / determinant : 0;
    double min = determinant > 0 ? -(ll * x - l * xl) / determinant : 0;
    if (min < 0) {
      min = 0;
      scale = ll > 0 ? xl / ll : 0;
    }
    return scale > 0 ? new Fit((float) scale, (float) min) : fit;
  }

  /** For 16 numbers: a scale of either sign, {@code x = scale * q}, q from -32 to 31. */
  private static float symmetric(float[] in, int from) {
    float extreme = 0;
    for (int i = from; i < from + 16; i++) {
      extreme = Math.abs(in[i]) > Math.abs(extreme) ? in[i] : extreme;
    }
    double[] weights = weights(in, from, 16);
    float plain = extreme / -32;
    float best = plain;
    double gain = -1;
    for (int candidate = -CANDIDATES; candidate <= CANDIDATES && plain != 0; candidate++) {
      float scale = plain * (1 + STRIDE / 2 * candidate);
      double xl = 0;
      double ll = 0;
      for (int i = from; i < from + 16; i++) {
        int q = nearest(in[i], scale, -32, 31);
        xl += weights[i - from] * in[i] * q;
        ll += weights[i - from] * q * q;
      }
      if (ll > 0 && xl * xl / ll > gain) {
        gain = xl * xl / ll;
        best = (float) (xl / ll);
      }
    }
    return best;
  }

  /** Runs of {@code run} numbers in half as many bytes, the first half in the low nibbles. */
  private static void nibbles(int[] q, int run, ByteBuffer out) {
    for (int start = 0; start < SIZE; start += run) {
      for (int i = start; i < start + run / 2; i++) {
        out.put((byte) (q[i] & 15 | (q[i + run / 2] & 15) << 4));
      }
    }
  }

  /** Bits 4 and 5: bits 2g and 2g + 1 of byte i belong to number 32g + i of 128. */
  private static void twoBits(int[] q, ByteBuffer out) {
    for (int start = 0; start < SIZE; start += 128) {
      for (int i = start; i < start + 32; i++) {
        int bits = 0;
        for (int g = 0; g < 4; g++) {
          bits |= (q[i + 32 * g] >> 4 & 3) << 2 * g;
        }
        out.put((byte) bits);
      }
    }
  }
}
