package dev.burhan.backendvector.machinecode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;

/** Compares routines with plain Java, to the bit, on two blocks of random numbers. */
final class SelfCheck {
  private static final int BLOCKS = 2;
  private static final int NUMBERS = BLOCKS * ActivationBlock.NUMBERS;
  private static final int MOST = 127;

  private SelfCheck() {}

  static boolean planes(Routines routines, Width width, int bits) {
    int columns = routines.columns();
    int rows = width.rows();
    Random random = new Random(bits);
    int run = ActivationBlock.NUMBERS >> bits - 4;
    int group = bits == 6 ? 16 : 32;
    int[][] q = new int[NUMBERS][rows];
    short[] panel = new short[NUMBERS * rows * bits / 16];
    int vectors = run * bits / 16; // of a run
    for (int k = 0; k < NUMBERS; k++) {
      int first = k / run * vectors * rows; // the run's
      int within = k % run;
      for (int row = 0; row < rows; row++) {
        q[k][row] = random.nextInt(1 << bits);
        int nibbles = first + ((bits > 4 ? 1 : 0) + within / 4) * rows + row;
        panel[nibbles] |= (short) ((q[k][row] & 15) << 4 * (within % 4));
        int place = within / 4 * 2 + within % 2; // of the high bits, in one of two bytes
        int shift = within % 4 / 2 * 8 + (bits - 4) * place;
        panel[first + row] |= (short) (q[k][row] >> 4 << shift);
      }
    }
    int[] x = random.ints((long) NUMBERS * columns, -MOST, MOST + 1).toArray();
    float[] xScales = floats(random, BLOCKS * columns);
    int[] blocks = new int[BLOCKS * columns * ActivationBlock.INTS];
    for (int i = 0; i < BLOCKS * columns; i++) {
      int[] twice =
          Arrays.stream(x, i * ActivationBlock.NUMBERS, (i + 1) * ActivationBlock.NUMBERS)
              .map(number -> number & 0xffff | number << 16)
              .toArray();
      ActivationBlock.write(twice, 0, xScales[i], blocks, i * ActivationBlock.INTS);
    }
    float[] scales = floats(random, NUMBERS / group * rows);
    float[] expected = floats(random, columns * rows);
    float[] sums = expected.clone();
    int centre = 1 << bits - 1;
    for (int c = 0; c < columns; c++) {
      for (int row = 0; row < rows; row++) {
        float sum = expected[c * rows + row];
        for (int g = 0; g < NUMBERS / group; g++) {
          int product = 0;
          for (int k = g * group; k < (g + 1) * group; k++) {
            product += (q[k][row] - centre) * x[c * NUMBERS + k];
          }
          float scale = scales[g * rows + row] * xScales[c * BLOCKS + g * group / 32];
          sum = Math.fma((float) product, scale, sum);
        }
        expected[c * rows + row] = sum;
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment weights = arena.allocate(2L * panel.length, 64);
      MemorySegment.copy(panel, 0, weights, ValueLayout.JAVA_SHORT, 0, panel.length);
      MemorySegment in = MemorySegment.ofArray(blocks);
      int stride = BLOCKS * ActivationBlock.INTS;
      return equal(routines, weights, in, stride, scales, sums, expected);
    }
  }

  static boolean bytes(Routines routines, Width width) {
    int columns = routines.columns();
    int rows = width.rows();
    Random random = new Random(8);
    byte[] q = new byte[NUMBERS * rows];
    random.nextBytes(q);
    float[] x = floats(random, NUMBERS * columns);
    float[] scales = floats(random, BLOCKS * rows);
    float[] expected = floats(random, columns * rows);
    float[] sums = expected.clone();
    for (int c = 0; c < columns; c++) {
      for (int row = 0; row < rows; row++) {
        float sum = expected[c * rows + row];
        for (int k = 0; k < NUMBERS; k++) {
          float w = q[k * rows + row] * scales[k / ActivationBlock.NUMBERS * rows + row];
          sum = Math.fma(w, x[c * NUMBERS + k], sum);
        }
        expected[c * rows + row] = sum;
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment weights = arena.allocate(q.length, 64);
      MemorySegment.copy(q, 0, weights, ValueLayout.JAVA_BYTE, 0, q.length);
      MemorySegment in = MemorySegment.ofArray(x);
      return equal(routines, weights, in, NUMBERS, scales, sums, expected);
    }
  }

  private static float[] floats(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /** Whether all numbers of columns give what is expected of them, and write no more. */
  private static boolean equal(
      Routines routines,
      MemorySegment weights,
      MemorySegment x,
      int stride,
      float[] scales,
      float[] sums,
      float[] expected) {
    int rows = sums.length / routines.columns();
    for (int columns = 1; columns <= routines.columns(); columns++) {
      float[] actual = sums.clone();
      routines.run(
          columns,
          weights.address(),
          x,
          0,
          stride,
          MemorySegment.ofArray(scales),
          MemorySegment.ofArray(actual),
          0,
          BLOCKS);
      int some = columns * rows;
      if (!Arrays.equals(actual, 0, some, expected, 0, some)
          || !Arrays.equals(actual, some, sums.length, sums, some, sums.length)) {
        return false;
      }
    }
    return true;
  }
}
