package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;

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
  /** Most rows of a panel. */
  static final int ROWS = 32;

  /** Floats of the widest vector. */
  static final int LANES = 16;

  /** Rows and columns of attention's tiles. */
  static final int TILE = 4;

  /** Numbers of a row that are unpacked at once: a panel's share stays in the first cache. */
  static final int CHUNK = 128;

  /** Numbers whose scales lie together: part of the panels' layout. */
  static final int SECTION = 1024;

  /** Numbers that are unpacked at once as integers. */
  static final int INTEGERS = 512;

  /** Most columns of a part. */
  static final int COLUMNS = 256;

  /** Most panels whose sums are kept at once. */
  static final int PANELS = 8;

  /** Most columns of activations in 8 bits that are held at once. */
  static final int EIGHT_BIT_COLUMNS = 32;

  private static final int SMALLEST_GROUP = 16;
  private static final int SMALLEST_RUN = 8;

  /** F32 activations: (columns, chunk), or one whole row. */
  float[] x = new float[(COLUMNS + FloatTile.COLUMNS) * CHUNK];

  MemorySegment inputsSegment = MemorySegment.ofArray(x);

  final EightBits eight = new EightBits();

  /** (chunk, rows): the integers of a panel. */
  final short[] numbers = new short[INTEGERS * ROWS];

  /** (chunk / 4, rows): the integers of a panel as bytes, four numbers of a row in an int. */
  final int[] codes = new int[CHUNK / 4 * ROWS];

  /** (chunk, rows): a panel in full. */
  final float[] floats = new float[CHUNK * ROWS];

  /** (groups, rows): scales and offsets of a chunk. */
  final float[] scales = new float[SECTION / SMALLEST_GROUP * ROWS];

  final MemorySegment scalesSegment = MemorySegment.ofArray(scales);

  final float[] offsets = new float[SECTION / SMALLEST_GROUP * ROWS];

  /** (panels, columns, rows): sums of the chunks so far. */
  final float[] sums = new float[PANELS * (COLUMNS + IntegerTile.COLUMNS) * ROWS];

  final MemorySegment sumsSegment = MemorySegment.ofArray(sums);

  /** (columns, rows): sums of offsets so far. */
  final float[] shifts = new float[(EIGHT_BIT_COLUMNS + IntegerTile.COLUMNS) * ROWS];

  /** Where in the sums a stage adds. */
  int to;

  /** Of how many columns a stage adds up products, and how far apart their activations are. */
  int columns = 1;

  int stride;

  /** Which of the groups whose scales are unpacked a stage begins with. */
  int group;

  /** What a stage read for no other reason than to have it in the cache. */
  int touched;

  /** (runs, rows) of a section, or (columns of a tile, runs, rows) of a chunk: sums in 16 bits. */
  final short[] products =
      new short[Math.max(SECTION, IntegerTile.COLUMNS * INTEGERS) / SMALLEST_RUN * ROWS];

  /** Which rows of the input the part's columns are, and which rows of the output. */
  final int[] inputs = new int[COLUMNS];

  final int[] outputs = new int[COLUMNS];

  final SplitBlock split = new SplitBlock();

  /** A row of the file and the panel that it is packed into. */
  byte[] row = new byte[0];

  byte[] panel = new byte[0];

  /** A row of activations and its form in 8 bits, while it is encoded. */
  float[] toEncode = new float[0];

  final EightBits encoded = new EightBits();

  /** A few vectors. */
  final float[] vectors = new float[TILE * TILE * LANES];

  /** (rows): the scales of a block of each row. */
  final float[] blockFactors = new float[ROWS];

  final LatentWork latent = new LatentWork();

  final MixtureWork mixture = new MixtureWork();

  private AttentionWork attention;

  final RopeAngles angles = new RopeAngles();

  /** Makes room for a whole row of F32 activations. */
  void row(int numbers) {
    if (x.length < numbers) {
      x = new float[numbers];
      inputsSegment = MemorySegment.ofArray(x);
    }
  }

  /** Makes room for encoding a row. */
  void encoding(int numbers) {
    encoded.room(numbers);
    if (toEncode.length < numbers) {
      toEncode = new float[numbers];
    }
  }

  /** Makes room for packing. */
  void packing(int rowBytes, int panelBytes) {
    if (row.length < rowBytes) {
      row = new byte[rowBytes];
    }
    if (panel.length < panelBytes) {
      panel = new byte[panelBytes];
    }
  }

  /** Scratch for attention; made anew only when a larger one is asked for. */
  AttentionWork attention(int queries, int stride) {
    if (attention == null || !attention.fits(queries, stride)) {
      attention = new AttentionWork(queries, stride, attention);
    }
    return attention;
  }
}
