package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Phase;
import java.lang.foreign.MemorySegment;

/**
 * What a matrix product keeps in a worker's scratch memory: the chunk of weights at hand, unpacked,
 * and the sums so far. The chunk stays in the first-level cache while all columns of the part use
 * it.
 */
final class Work {
  /** Numbers of a row that are unpacked at once: a multiple of every block. */
  static final int CHUNK = 512;

  /** Rows of a tile. */
  static final int TILE = 4;

  /** Most tiles whose sums are kept at once. */
  static final int TILES = 4;

  /** Most columns of a part. */
  static final int COLUMNS = 128;

  private static final int SMALLEST_GROUP = 16;

  /** Bytes between the scales (or mins) of two rows. */
  static final long GROUPS_STRIDE = 4L * CHUNK / SMALLEST_GROUP;

  /** Signed bytes, (TILE, CHUNK). */
  static final long QUANTS = 0;

  /** F32 (TILE, CHUNK / 16), as the weight has them. */
  static final long SCALES = QUANTS + (long) TILE * CHUNK;

  static final long MINS = SCALES + TILE * GROUPS_STRIDE;

  /** F32 (TILE, CHUNK / 16): scales of weight and activation multiplied. */
  static final long PRODUCTS = MINS + TILE * GROUPS_STRIDE;

  /** F32 (TILE, CHUNK): weights in full. */
  static final long FLOATS = PRODUCTS + TILE * GROUPS_STRIDE;

  /** Which columns: pairs of int32, the row of the input and the row of the output. */
  static final long LIST = FLOATS + 4L * TILE * CHUNK;

  /** Vectors of sums, (TILES, columns, TILE). */
  static final long SUMS = LIST + 8L * COLUMNS;

  private Work() {}

  static long bytes(Lanes lanes) {
    return SUMS + (long) TILES * COLUMNS * TILE * lanes.bytes();
  }

  /** Lists the columns of one phase among {@code [first, end)} and returns how many. */
  static int listColumns(Batch batch, Phase phase, int first, int end, MemorySegment work) {
    int count = 0;
    for (int column = first; column < end; column++) {
      if (batch.phase(column) == phase) {
        list(work, count++, column, column);
      }
    }
    return count;
  }

  static void list(MemorySegment work, int index, int input, int output) {
    work.set(Memory.INT, LIST + index * 8L, input);
    work.set(Memory.INT, LIST + index * 8L + 4, output);
  }

  static int input(MemorySegment work, int index) {
    return work.get(Memory.INT, LIST + index * 8L);
  }

  static int output(MemorySegment work, int index) {
    return work.get(Memory.INT, LIST + index * 8L + 4);
  }
}
