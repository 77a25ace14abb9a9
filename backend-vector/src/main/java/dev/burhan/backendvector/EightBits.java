package dev.burhan.backendvector;

import dev.burhan.backendvector.machinecode.ActivationBlock;
import java.lang.foreign.MemorySegment;

/**
 * Rows of activations in 8 bits, as {@link Q8Encoding} has them, in arrays, one row after another.
 */
final class EightBits {
  /** Each number twice, in both halves of an int: one broadcast fills a vector of 16-bit lanes. */
  int[] pairs = new int[0];

  /** {@link ActivationBlock}s: the same for machine code. */
  int[] blocks = new int[0];

  MemorySegment blocksSegment = MemorySegment.ofArray(blocks);

  /** Sums of 8, 16 and 32 numbers, each twice. */
  int[] sums8 = new int[0];

  int[] sums16 = new int[0];
  int[] sums32 = new int[0];

  /** Scales of runs of 32, and scale times sum of runs of 16 and 32. */
  float[] scales = new float[0];

  float[] scaledSums16 = new float[0];
  float[] scaledSums32 = new float[0];

  /** Makes room for so many numbers. */
  void room(int numbers) {
    if (pairs.length < numbers) {
      pairs = new int[numbers];
      blocks = new int[block(numbers)];
      blocksSegment = MemorySegment.ofArray(blocks);
      sums8 = new int[numbers / 8];
      sums16 = new int[numbers / 16];
      sums32 = new int[numbers / 32];
      scales = new float[numbers / 32];
      scaledSums16 = new float[numbers / 16];
      scaledSums32 = new float[numbers / 32];
    }
  }

  /**
   * Numbers from one row to the next: not a multiple of 1024, or what several rows have at one
   * place would share a set of the nearest cache, which is too small for that.
   */
  static int stride(int width) {
    return width / 32 % 2 == 0 ? width + 32 : width;
  }

  /**
   * Reads an encoded row.
   *
   * @param to the number that it begins with
   */
  void read(MemorySegment from, long at, int width, int to) {
    long next = ints(from, at, pairs, to, width);
    next = ints(from, next, sums8, to / 8, width / 8);
    next = ints(from, next, sums16, to / 16, width / 16);
    next = ints(from, next, sums32, to / 32, width / 32);
    next = floats(from, next, scales, to / 32, width / 32);
    next = floats(from, next, scaledSums16, to / 16, width / 16);
    floats(from, next, scaledSums32, to / 32, width / 32);
  }

  /**
   * Reads what machine code takes of an encoded row: blocks, and scaled sums for offsets.
   *
   * @param to the number that it begins with
   */
  void readBlocks(MemorySegment from, long at, int width, int to) {
    long sums = at + Q8Encoding.scales(width) + 4L * width / 32;
    long next = floats(from, sums, scaledSums16, to / 16, width / 16);
    floats(from, next, scaledSums32, to / 32, width / 32);
    ints(from, at + Q8Encoding.blocks(width), blocks, block(to), block(width));
  }

  /** How many ints of blocks so many numbers are. */
  static int block(int numbers) {
    return numbers / ActivationBlock.NUMBERS * ActivationBlock.INTS;
  }

  /** Makes blocks of the first row, and writes them behind its other parts. */
  void writeBlocks(int width, MemorySegment to, long at) {
    for (int i = 0; i < width; i += ActivationBlock.NUMBERS) {
      ActivationBlock.write(pairs, i, scales[i / ActivationBlock.NUMBERS], blocks, block(i));
    }
    write(blocks, block(width), to, at + Q8Encoding.blocks(width));
  }

  /** Writes the first row. */
  void write(int width, MemorySegment to, long at) {
    long next = write(pairs, width, to, at);
    next = write(sums8, width / 8, to, next);
    next = write(sums16, width / 16, to, next);
    next = write(sums32, width / 32, to, next);
    next = write(scales, width / 32, to, next);
    next = write(scaledSums16, width / 16, to, next);
    write(scaledSums32, width / 32, to, next);
  }

  private static long ints(MemorySegment from, long at, int[] to, int first, int count) {
    MemorySegment.copy(from, Memory.INT, at, to, first, count);
    return at + 4L * count;
  }

  private static long floats(MemorySegment from, long at, float[] to, int first, int count) {
    MemorySegment.copy(from, Memory.FLOAT, at, to, first, count);
    return at + 4L * count;
  }

  private static long write(int[] from, int count, MemorySegment to, long at) {
    MemorySegment.copy(from, 0, to, Memory.INT, at, count);
    return at + 4L * count;
  }

  private static long write(float[] from, int count, MemorySegment to, long at) {
    MemorySegment.copy(from, 0, to, Memory.FLOAT, at, count);
    return at + 4L * count;
  }
}
