package dev.burhan.backendvector.machinecode;

/**
 * How the routines want 32 activations in 8 bits: 24 ints. First 16 pairs, two numbers' bytes and
 * the same again: of each four numbers the first and the third, then the second and the fourth.
 * Then the sums of each 8, 16 and 32 numbers times the centre that weights of 6, 5 and 4 bits have,
 * negative, as 16 bits twice. Last the F32 scale.
 */
public final class ActivationBlock {
  /** Ints of a block. */
  public static final int INTS = 24;

  static final int BYTES = 4 * INTS;

  /** Numbers of a block. */
  public static final int NUMBERS = 32;

  private static final int PAIRS = 16;
  private static final int SCALE_INT = 23;
  static final int SCALE = 4 * SCALE_INT;

  private ActivationBlock() {}

  /** Where a pair is, in bytes. */
  static int pair(int index) {
    return 4 * index;
  }

  /** Where the sum that a run begins with is, in bytes. */
  static int start(int run, int index) {
    int first =
        switch (run) {
          case 8 -> PAIRS;
          case 16 -> PAIRS + 4;
          default -> PAIRS + 6;
        };
    return 4 * (first + index);
  }

  /**
   * Writes a block.
   *
   * @param numbers within +-127, each in both halves of an int, from {@code from} on
   */
  public static void write(int[] numbers, int from, float scale, int[] block, int at) {
    int sum32 = 0;
    for (int sixteen = 0; sixteen < 2; sixteen++) {
      int sum16 = 0;
      for (int eight = 2 * sixteen; eight < 2 * sixteen + 2; eight++) {
        int sum8 = 0;
        for (int four = 2 * eight; four < 2 * eight + 2; four++) {
          int i = from + 4 * four;
          sum8 += pairs(numbers[i], numbers[i + 2], block, at + 2 * four);
          sum8 += pairs(numbers[i + 1], numbers[i + 3], block, at + 2 * four + 1);
        }
        block[at + PAIRS + eight] = twice(-32 * sum8);
        sum16 += sum8;
      }
      block[at + PAIRS + 4 + sixteen] = twice(-16 * sum16);
      sum32 += sum16;
    }
    block[at + PAIRS + 6] = twice(-8 * sum32);
    block[at + SCALE_INT] = Float.floatToRawIntBits(scale);
  }

  /** Returns the sum of the two. */
  private static int pairs(int a, int b, int[] block, int at) {
    block[at] = twice(a & 0xff | (b & 0xff) << 8);
    return (short) a + (short) b;
  }

  private static int twice(int number) {
    return number & 0xffff | number << 16;
  }
}
