package dev.burhan.backendvector;

/**
 * A worker thread's scratch. Grows to the largest size asked for, so that a step allocates nothing
 * once each thread has seen a part of each kind.
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

  private static final int SMALLEST_GROUP = 16;

  /** Floats of the widest vector. */
  static final int LANES = 16;

  /** An encoded row of activations: numbers, then scales and sums by group. */
  short[] x = new short[0];

  float[] xScales = new float[0];

  float[] xSums = new float[0];

  /** A row's scales and mins by group, of types with super-blocks. */
  float[] scales = new float[0];

  float[] mins = new float[0];

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

  /** Makes room for so many numbers of activations. */
  void activations(int numbers) {
    if (x.length < numbers) {
      x = new short[numbers];
      xScales = new float[numbers / SMALLEST_GROUP];
      xSums = new float[numbers / SMALLEST_GROUP];
    }
  }

  /** Makes room for a row's scales and mins. */
  void groups(int count) {
    if (scales.length < count) {
      scales = new float[count];
      mins = new float[count];
    }
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
