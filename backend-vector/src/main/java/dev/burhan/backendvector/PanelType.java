package dev.burhan.backendvector;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A weight type in panels. A panel holds {@link Lanes#rows()} rows of a matrix side by side: what
 * the rows have at one place of their length lies together, so that a vector's lanes are rows, a
 * product needs no sum across lanes and a scale serves a whole vector. Its bytes are the file's,
 * arranged anew: as many, but for the rows that fill up the last panel.
 *
 * <p>The caller guarantees lengths: panels of {@link #panelBytes}, whole blocks.
 */
abstract class PanelType {
  private static final Map<DataType, Function<Lanes, PanelType>> TYPES =
      Map.ofEntries(
          Map.entry(DataType.F32, lanes -> new FloatPanels(DataType.F32, lanes)),
          Map.entry(DataType.F16, lanes -> new FloatPanels(DataType.F16, lanes)),
          Map.entry(DataType.BF16, lanes -> new FloatPanels(DataType.BF16, lanes)),
          Map.entry(DataType.F8_E4M3, lanes -> new FloatPanels(DataType.F8_E4M3, lanes)),
          Map.entry(DataType.Q4_0, BlockPanels.Q4Zero::new),
          Map.entry(DataType.Q4_1, BlockPanels.Q4One::new),
          Map.entry(DataType.Q5_0, BlockPanels.Q5Zero::new),
          Map.entry(DataType.Q5_1, BlockPanels.Q5One::new),
          Map.entry(DataType.Q8_0, BlockPanels.Q8Zero::new),
          Map.entry(DataType.Q2_K, SuperBlockPanels.Q2K::new),
          Map.entry(DataType.Q3_K, SuperBlockPanels.Q3K::new),
          Map.entry(DataType.Q4_K, SuperBlockPanels.Q4K::new),
          Map.entry(DataType.Q5_K, SuperBlockPanels.Q5K::new),
          Map.entry(DataType.Q6_K, SuperBlockPanels.Q6K::new),
          Map.entry(DataType.IQ4_NL, BlockPanels.Iq4Nl::new),
          Map.entry(DataType.IQ4_XS, SuperBlockPanels.Iq4Xs::new),
          Map.entry(DataType.IQ2_XXS, CodebookPanels.Iq2Xxs::new),
          Map.entry(DataType.IQ2_XS, CodebookPanels.Iq2Xs::new),
          Map.entry(DataType.IQ2_S, CodebookPanels.Iq2S::new),
          Map.entry(DataType.IQ3_XXS, CodebookPanels.Iq3Xxs::new),
          Map.entry(DataType.IQ3_S, CodebookPanels.Iq3S::new),
          Map.entry(DataType.IQ1_S, CodebookPanels.Iq1S::new),
          Map.entry(DataType.IQ1_M, CodebookPanels.Iq1M::new));

  final DataType type;
  final Lanes lanes;

  PanelType(DataType type, Lanes lanes) {
    this.type = type;
    this.lanes = lanes;
  }

  static boolean supports(DataType type) {
    return TYPES.containsKey(type);
  }

  static PanelType of(DataType type, Lanes lanes) {
    return Optional.ofNullable(TYPES.get(type))
        .orElseThrow(() -> new IllegalArgumentException("no panels of type " + type))
        .apply(lanes);
  }

  /** Whether panels are worth keeping: whether they differ from the file's own layout. */
  boolean arranged() {
    return true;
  }

  /** Bytes of a panel of rows of so many numbers. */
  final long panelBytes(int cols) {
    return type.bytes(cols) * lanes.rows();
  }

  /**
   * Packs one row.
   *
   * @param in the row as the file has it, from byte {@code at} on
   * @param panel the panel, whose lane {@code row} is written
   * @param split room for a block
   */
  abstract void pack(byte[] in, int at, int cols, byte[] panel, int row, SplitBlock split);

  /**
   * Writes numbers {@code [from, from + count)} of the panel's rows as F32 to {@code work.floats}:
   * (count, rows).
   *
   * @param from a multiple of {@link Work#CHUNK}
   * @param count at most {@link Work#CHUNK}
   */
  abstract void floats(MemorySegment w, long panel, int cols, int from, int count, Work work);

  /**
   * Adds the products of numbers {@code [from, from + count)} with the F32 activations in {@code
   * work.x}, one column, to {@code work.sums} at {@code sums}. The same steps in the same order as
   * {@link FloatTile} after {@link #floats}, so the same bits.
   */
  void dot(MemorySegment w, long panel, int cols, int from, int count, Work work, int sums) {
    floats(w, panel, cols, from, count, work);
    FloatTile.column(lanes, work, count, from, sums);
  }

  /** Most numbers that {@link #dot} takes at once. */
  int dotChunk() {
    return Work.CHUNK;
  }

  /** Whether there are {@link #dotTwo} and {@link #dotPair}. */
  boolean takesTwo() {
    return false;
  }

  /**
   * {@link #dot} of all numbers with two columns, (2, cols) in {@code work.x}: the second one's
   * sums follow the first one's.
   */
  void dotTwo(MemorySegment w, long panel, int cols, Work work, int sums) {
    throw new UnsupportedOperationException(type + " with two columns at once");
  }

  /** {@link #dot} of all numbers of two panels, one after the other in memory, with one column. */
  void dotPair(MemorySegment w, long panel, int cols, Work work, int sums) {
    throw new UnsupportedOperationException(type + " with two panels at once");
  }

  /**
   * Most columns that {@link #multiply} is faster for than {@link #floats} and a tile; 0 where
   * there is no such thing.
   */
  int few() {
    return 0;
  }

  /**
   * Adds the products of numbers {@code [from, from + count)}, within one section, with a few
   * columns of F32 activations in {@code work.x}, {@code work.stride} apart, to {@code work.sums}
   * ({@link ByteTile#padded} columns, rows). The same steps in the same order, so the same bits.
   */
  void multiply(
      MemorySegment w, long panel, int cols, int from, int count, int columns, Work work) {
    throw new IllegalStateException(type + " is multiplied by tiles");
  }

  /** What multiplies it with activations in 8 bits; none if it is done in F32 always. */
  Optional<IntegerPanels> integers() {
    return Optional.empty();
  }
}
