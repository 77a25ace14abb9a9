package dev.burhan.backendvector;

import dev.burhan.backendvector.machinecode.ActivationBlock;
import dev.burhan.backendvector.machinecode.Routines;
import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/**
 * A quantised type in panels: {@code w = scale * q + offset}, q an integer around zero, scale and
 * offset shared by groups of 16 or 32 numbers. A panel is one section after another, of {@link
 * Work#SECTION} numbers each but the last: the scale fields of its blocks, then the {@link Planes}
 * of its integers. So a product reads memory in order, which is what prefetching is made for: kept
 * apart, scales and integers were read at little more than half the speed. All that differs between
 * the types is how a block of the file is split into these, and how the fields become scales.
 */
abstract class IntegerPanels extends PanelType {
  final Planes planes;
  final int group;
  private final int scaleBytes;
  private final boolean offsets;
  private final Routines routines; // null without machine code
  private final Stage scales;
  private final Stage numbers;
  private final Stage products;
  private final Stage eight;
  private final Stage four;
  private final Stage spread;
  private final Stage addScaled;
  private final Stage addOffsets;
  private final Stage addNumbers;

  /**
   * @param group numbers that share a scale
   * @param scaleBytes of a block and row, the halves first
   * @param offsets whether numbers have an offset
   */
  IntegerPanels(
      DataType type, Lanes lanes, Planes planes, int group, int scaleBytes, boolean offsets) {
    super(type, lanes);
    this.planes = planes;
    this.group = group;
    this.scaleBytes = scaleBytes;
    this.offsets = offsets;
    this.routines = planes.assembled() ? lanes.planes(planes.bits()) : null;
    this.scales = this::unpackScales;
    this.numbers = planes::numbers;
    this.products = planes::products;
    this.spread =
        offsets
            ? (w, at, first, count, work) -> scaleAndShift(count, work)
            : (w, at, first, count, work) -> scale(count, work);
    this.addScaled =
        (w, at, first, count, work) ->
            IntegerTile.addScaled(lanes, work, work.columns, count, planes.run(), group, first);
    this.addOffsets =
        (w, at, first, count, work) ->
            IntegerTile.addOffsets(lanes, work, work.columns, count, group, first);
    this.eight =
        (w, at, first, runs, work) -> IntegerTile.eight(lanes, work, runs, planes.run(), first);
    this.four =
        (w, at, first, runs, work) -> IntegerTile.four(lanes, work, runs, planes.run(), first);
    this.addNumbers =
        (w, at, first, count, work) -> NumberTile.column(lanes, work, count, group, first);
  }

  /**
   * Splits a block of the file.
   *
   * @param in from byte {@code at} on
   * @param q its integers, not yet centred, as {@link Planes#pack} wants them
   * @param scales its scale fields: first halves, two bytes each, then bytes
   */
  abstract void split(byte[] in, int at, byte[] q, byte[] scales);

  /** How many of the scale fields are halves. */
  abstract int halves();

  /**
   * Writes scales, and offsets if there are any, to {@code work.scales} and {@code work.offsets}:
   * (count, rows).
   *
   * @param at where the first block's scale fields begin
   * @param first group of that block to begin with
   */
  abstract void unpackScales(MemorySegment w, long at, int first, int count, Work work);

  final boolean hasOffsets() {
    return offsets;
  }

  /** Whether machine code multiplies it: {@link #multiplyAssembled}. */
  final boolean assembled() {
    return routines != null;
  }

  @Override
  Optional<IntegerPanels> integers() {
    return Optional.of(this);
  }

  @Override
  final void pack(byte[] in, int first, int cols, byte[] panel, int row, SplitBlock split) {
    int block = type.blockElements();
    for (int b = 0; b < cols / block; b++) {
      split(in, first + b * type.blockBytes(), split.numbers, split.scales);
      int from = b * block;
      packScales(split.scales, panel, (int) scalesAt(0, from), row);
      int at = (int) planesAt(0, cols, from);
      for (int k = 0; k < block; k += planes.run()) {
        planes.pack(split.numbers, k, panel, at, row);
        at += planes.bytes() * lanes.rows();
      }
    }
  }

  private void packScales(byte[] scales, byte[] panel, int to, int row) {
    int rows = lanes.rows();
    int halves = halves();
    for (int i = 0; i < halves; i++) {
      panel[to + (i * rows + row) * 2] = scales[2 * i];
      panel[to + (i * rows + row) * 2 + 1] = scales[2 * i + 1];
    }
    for (int i = 2 * halves; i < scaleBytes; i++) {
      panel[to + i * rows + row] = scales[i];
    }
  }

  private long section(long panel, int from) {
    return panel + from / Work.SECTION * type.bytes(Work.SECTION) * lanes.rows();
  }

  /** Where the scale fields of number {@code from}'s block are. */
  final long scalesAt(long panel, int from) {
    long blocks = from % Work.SECTION / type.blockElements();
    return section(panel, from) + blocks * scaleBytes * lanes.rows();
  }

  /** {@link #dot} of integers that products in 8 bits would be no gain for. */
  final void dotNumbers(
      MemorySegment w, long panel, int cols, int from, int count, Work work, int sums) {
    scales(w, panel, from, count, work);
    Stage.run(numbers, w, planesAt(panel, cols, from), from, count / planes.run(), work);
    work.to = sums;
    Stage.run(addNumbers, w, panel, from, count / group, work);
  }

  /** Where the integers are, from number {@code from} on. */
  final long planesAt(long panel, int cols, int from) {
    int numbers = Math.min(Work.SECTION, cols - from / Work.SECTION * Work.SECTION);
    long scales = (long) numbers / type.blockElements() * scaleBytes * lanes.rows();
    long runs = from % Work.SECTION / planes.run();
    return section(panel, from) + scales + runs * planes.bytes() * lanes.rows();
  }

  /** Unpacks the scales of a chunk within one section. */
  final void scales(MemorySegment w, long panel, int from, int count, Work work) {
    int block = type.blockElements();
    int skipped = from % block / group;
    Stage.run(scales, w, scalesAt(panel, from), skipped, count / group, work);
  }

  @Override
  void floats(MemorySegment w, long panel, int cols, int from, int count, Work work) {
    int groups = count / group;
    scales(w, panel, from, count, work);
    Stage.run(numbers, w, planesAt(panel, cols, from), from, count / planes.run(), work);
    Stage.run(spread, w, panel, from, groups, work);
  }

  private void scale(int groups, Work work) {
    int rows = lanes.rows();
    int half = lanes.floats().length();
    for (int g = 0; g < groups; g++) {
      FloatVector s0 = FloatVector.fromArray(lanes.floats(), work.scales, g * rows);
      FloatVector s1 = FloatVector.fromArray(lanes.floats(), work.scales, g * rows + half);
      for (int i = g * group * rows; i < (g + 1) * group * rows; i += rows) {
        ShortVector q = ShortVector.fromArray(lanes.shorts(), work.numbers, i);
        lanes.low(q).mul(s0).intoArray(work.floats, i);
        lanes.high(q).mul(s1).intoArray(work.floats, i + half);
      }
    }
  }

  private void scaleAndShift(int groups, Work work) {
    int rows = lanes.rows();
    int half = lanes.floats().length();
    for (int g = 0; g < groups; g++) {
      FloatVector s0 = FloatVector.fromArray(lanes.floats(), work.scales, g * rows);
      FloatVector s1 = FloatVector.fromArray(lanes.floats(), work.scales, g * rows + half);
      FloatVector o0 = FloatVector.fromArray(lanes.floats(), work.offsets, g * rows);
      FloatVector o1 = FloatVector.fromArray(lanes.floats(), work.offsets, g * rows + half);
      for (int i = g * group * rows; i < (g + 1) * group * rows; i += rows) {
        ShortVector q = ShortVector.fromArray(lanes.shorts(), work.numbers, i);
        lanes.low(q).fma(s0, o0).intoArray(work.floats, i);
        lanes.high(q).fma(s1, o1).intoArray(work.floats, i + half);
      }
    }
  }

  /**
   * Adds the products of numbers {@code [from, from + count)}, within one section, with a few
   * columns of activations in 8 bits, in {@code work.eight}, to {@code work.sums} (columns, rows).
   * Each column unpacks the integers anew, in registers.
   *
   * @param stride from one column's numbers to the next one's
   */
  final void multiplyEach(
      MemorySegment w,
      long panel,
      int cols,
      int from,
      int count,
      Work work,
      int columns,
      int stride) {
    scales(w, panel, from, count, work);
    for (int c = 0; c < columns; c++) {
      int x = c * stride + from;
      Stage.run(products, w, planesAt(panel, cols, from), x, count / planes.run(), work);
      add(w, x, count / group, work, c, 1);
    }
  }

  /**
   * The same for more columns, with the same bits: integers are unpacked to memory, once.
   *
   * @param count at most {@link Work#INTEGERS}
   */
  final void multiplyTiles(
      MemorySegment w,
      long panel,
      int cols,
      int from,
      int count,
      Work work,
      int columns,
      int stride) {
    int runs = count / planes.run();
    scales(w, panel, from, count, work);
    Stage.run(numbers, w, planesAt(panel, cols, from), from, runs, work);
    work.stride = stride;
    for (int c = 0; c < columns; ) {
      Stage tile = columns - c > IntegerTile.FEW ? eight : four;
      int most = tile == eight ? IntegerTile.COLUMNS : IntegerTile.FEW;
      int some = Math.min(most, columns - c);
      Stage.run(tile, w, panel, c * stride + from, runs, work);
      add(w, c * stride + from, count / group, work, c, some);
      c += some;
    }
  }

  /**
   * The same in machine code, from the blocks in {@code work.eight}, for any number of columns,
   * with the same bits.
   */
  final void multiplyAssembled(
      MemorySegment w,
      long panel,
      int cols,
      int from,
      int count,
      Work work,
      int columns,
      int stride) {
    scales(w, panel, from, count, work);
    long weights =
        address(w, planesAt(panel, cols, from), (long) count * planes.bits() * lanes.rows() / 8);
    for (int c = 0; c < columns; c += routines.columns()) {
      routines.run(
          Math.min(routines.columns(), columns - c),
          weights,
          work.eight.blocksSegment,
          EightBits.block(c * stride + from),
          EightBits.block(stride),
          work.scalesSegment,
          work.sumsSegment,
          c * lanes.rows(),
          count / ActivationBlock.NUMBERS);
    }
    if (offsets) {
      work.stride = stride;
      work.to = 0;
      work.columns = columns;
      Stage.run(addOffsets, w, 0, from, count / group, work);
    }
  }

  /** Where bytes of a segment are, after a check that they are there. */
  static long address(MemorySegment w, long at, long bytes) {
    Objects.checkFromIndexSize(at, bytes, w.byteSize());
    return w.address() + at;
  }

  /** Adds sums of products to those of some columns from {@code column} on. */
  private void add(MemorySegment w, int x, int groups, Work work, int column, int columns) {
    work.to = column * lanes.rows();
    work.columns = columns;
    Stage.run(addScaled, w, 0, x, groups, work);
    if (offsets) {
      Stage.run(addOffsets, w, 0, x, groups, work);
    }
  }
}
