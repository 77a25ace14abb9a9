package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Phase;

/**
 * A worker thread's scratch: the chunk of weights at hand, unpacked, and the sums so far. The chunk
 * stays in the first-level cache while all columns of a part use it.
 *
 * <p>Arrays and not the program's native scratch: C2 puts a barrier around each vector store to a
 * segment that it takes for possibly on the heap, and it takes any for that, because the Vector
 * API's own start-up code stores to heap segments through the same methods. Measured on JDK 25: 1.7
 * against 5.6 nanoseconds to unpack a block of Q4_0.
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

  /** Most groups of a row's chunk. */
  static final int GROUPS = CHUNK / 16;

  /** Floats of the widest vector. */
  static final int LANES = 16;

  /** (TILE, CHUNK). */
  final byte[] quants = new byte[TILE * CHUNK];

  /** (TILE, GROUPS), as the weight has them. */
  final float[] scales = new float[TILE * GROUPS];

  final float[] mins = new float[TILE * GROUPS];

  /** (GROUPS): scales of weight and activation multiplied. */
  final float[] products = new float[GROUPS];

  /** (TILE, CHUNK): weights in full. */
  final float[] floats = new float[TILE * CHUNK];

  /** Vectors of sums of the tile at hand: (TILE columns, TILE rows). */
  final float[] vectors = new float[TILE * TILE * LANES];

  /** (TILES, columns, TILE): sums of the chunks so far. */
  final float[] sums = new float[TILES * COLUMNS * TILE];

  /** Which rows of the input the part's columns are, and which rows of the output. */
  final int[] inputs = new int[COLUMNS];

  final int[] outputs = new int[COLUMNS];

  private AttentionWork attention;

  private float[] angles = new float[0];

  /** Lists the columns of one phase among {@code [first, end)} and returns how many. */
  int listColumns(Batch batch, Phase phase, int first, int end) {
    int count = 0;
    for (int column = first; column < end; column++) {
      if (batch.phase(column) == phase) {
        inputs[count] = column;
        outputs[count++] = column;
      }
    }
    return count;
  }

  /** Room for the cosine and the sine of each of so many pairs. */
  float[] angles(int pairs) {
    if (angles.length < 2 * pairs) {
      angles = new float[2 * pairs];
    }
    return angles;
  }

  /** Scratch for attention; made anew only when a larger one is asked for. */
  AttentionWork attention(int queries, int headDim) {
    if (attention == null || !attention.fits(queries, headDim)) {
      attention = new AttentionWork(queries, headDim, attention);
    }
    return attention;
  }
}
