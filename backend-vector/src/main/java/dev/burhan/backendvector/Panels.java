package dev.burhan.backendvector;

import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Resident;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A weight's panels: resident ones, or made one at a time from the file's own layout. Its length is
 * checked here, once; every access within {@code (matrices, rows, cols)} stays inside the segment.
 *
 * <p>Of a stack of matrices, shape (matrices, rows, cols), each has panels of its own: those of
 * matrix m are numbered from {@code m * perMatrix()} on.
 */
final class Panels {
  final PanelType type;
  final int matrices;

  /** Rows of a matrix. */
  final int rows;

  final int cols;
  private final MemorySegment segment;
  private final Scratch scratch; // null if the panels are resident
  private final ExpertSlots slots; // null if all matrices are in memory
  private final MemorySegment[] entered; // by worker: the matrix that is in use, of slots
  private final BlockScales scales; // null if numbers are complete without
  private final long panelBytes;
  private final int rowBytes;

  private Panels(
      Weight weight, MemorySegment segment, Scratch scratch, Lanes lanes, BlockScales scales) {
    this(weight, segment, scratch, lanes, scales, null, 0);
  }

  private Panels(
      Weight weight,
      MemorySegment segment,
      Scratch scratch,
      Lanes lanes,
      BlockScales scales,
      ExpertSlots slots,
      int workers) {
    this.slots = slots;
    this.entered = new MemorySegment[workers];
    this.scales = scales;
    this.type = PanelType.of(weight.type(), lanes);
    this.segment = segment;
    this.scratch = scratch;
    this.matrices = Math.toIntExact(matrices(weight));
    this.rows = Math.toIntExact(weight.shape().rows() / Math.max(1, matrices));
    this.cols = Math.toIntExact(weight.shape().cols());
    this.panelBytes = type.panelBytes(cols);
    this.rowBytes = Math.toIntExact(weight.type().bytes(cols));
  }

  static boolean supports(Weight weight) {
    DataType type = weight.type();
    long rows = weight.shape().rows();
    long cols = weight.shape().cols();
    return PanelType.supports(type)
        && cols % type.blockElements() == 0
        && rows <= Integer.MAX_VALUE - Work.ROWS
        && type.bytes(cols) <= Integer.MAX_VALUE / Work.ROWS;
  }

  /**
   * @param scratch a panel's bytes for each worker; used only where the resident is in the file's
   *     layout
   */
  static Panels of(Resident resident, Scratch scratch, Lanes lanes) {
    return of(resident, scratch, lanes, null);
  }

  /**
   * @param scales of the numbers' blocks, or null
   */
  static Panels of(Resident resident, Scratch scratch, Lanes lanes, BlockScales scales) {
    boolean file = resident.layout().equals(Layout.FILE);
    Panels panels =
        new Panels(resident.weight(), resident.segment(), file ? scratch : null, lanes, scales);
    long expected =
        file
            ? Math.multiplyExact((long) panels.matrices * panels.rows, panels.rowBytes)
            : Math.multiplyExact(panels.count(), panels.panelBytes);
    if (resident.segment().byteSize() < expected) {
      throw new IllegalArgumentException(
          "weight "
              + resident.weight().name()
              + " needs "
              + expected
              + " bytes, its segment has "
              + resident.segment().byteSize());
    }
    return panels;
  }

  /**
   * Panels of matrices that are in memory one by one, between {@link #enter} and {@link #leave}.
   */
  static Panels of(
      Weight weight,
      ExpertSlots slots,
      Scratch scratch,
      Lanes lanes,
      BlockScales scales,
      int workers) {
    boolean file = slots.layout().equals(Layout.FILE);
    Panels panels = new Panels(weight, null, file ? scratch : null, lanes, scales, slots, workers);
    long expected =
        file ? (long) panels.rows * panels.rowBytes : panels.perMatrix() * panels.panelBytes;
    if (slots.bytes() < expected) {
      throw new IllegalArgumentException(
          "an expert of %s needs %d bytes, its slot has %d"
              .formatted(weight.name(), expected, slots.bytes()));
    }
    return panels;
  }

  /** Asks for a matrix that will be entered soon. */
  void prefetch(int matrix) {
    if (slots != null) {
      slots.prefetch(matrix);
    }
  }

  /** Makes a matrix ready for a worker, until {@link #leave}. */
  void enter(int matrix, int worker) {
    if (slots != null) {
      entered[worker] = slots.acquire(matrix);
    }
  }

  void leave(int matrix, int worker) {
    if (slots != null) {
      entered[worker] = null;
      slots.release(matrix);
    }
  }

  /** The bytes of all matrices, or of the one that the worker entered. */
  private MemorySegment stored(int worker) {
    return slots == null ? segment : entered[worker];
  }

  /** Bytes of a panel of a weight: what is asked of {@link Scratch}. */
  static long panelBytes(Weight weight, Lanes lanes) {
    return PanelType.of(weight.type(), lanes).panelBytes(Math.toIntExact(weight.shape().cols()));
  }

  /** How many matrices of rank 2 a weight is a stack of. */
  static long matrices(Weight weight) {
    int rank = weight.shape().rank();
    return rank > 2 ? weight.shape().rows() / Math.max(1, weight.shape().dim(rank - 2)) : 1;
  }

  /** Panels of all matrices. */
  int count() {
    return matrices * perMatrix();
  }

  int perMatrix() {
    return Math.ceilDiv(rows, type.lanes.rows());
  }

  /** How many rows of its matrix a panel begins after. */
  int firstRow(int panel) {
    return panel % perMatrix() * type.lanes.rows();
  }

  /** Whether all panels of a matrix are there at once. */
  boolean resident() {
    return scratch == null;
  }

  /** The memory that a worker finds panels in. */
  MemorySegment memory(int worker) {
    return resident() ? stored(worker) : scratch.of(worker);
  }

  /** Where a panel begins in that memory; valid until the worker opens another. */
  long open(int panel, Work work, int worker) {
    if (resident()) {
      return (slots == null ? panel : panel % perMatrix()) * panelBytes;
    }
    int within = firstRow(panel);
    int first = (slots == null ? panel / perMatrix() * rows : 0) + within;
    int some = Math.min(type.lanes.rows(), rows - within);
    if (some < type.lanes.rows()) {
      work.packing(rowBytes, (int) panelBytes);
      Arrays.fill(work.panel, 0, (int) panelBytes, (byte) 0); // no NaN where there is no row
    }
    make(first, some, work, worker);
    return 0;
  }

  /** {@link PanelType#floats} of a panel that was opened at {@code at}. */
  void floats(int panel, long at, int from, int count, Work work, int worker) {
    type.floats(memory(worker), at, cols, from, count, work);
    if (scales != null) {
      int matrix = panel / perMatrix();
      scales.apply(type.lanes, matrix, firstRow(panel), rows, from, count, work);
    }
  }

  /** {@link PanelType#dot} of a panel that was opened at {@code at}, to the first sums. */
  void dot(int panel, long at, int from, int count, Work work, int worker) {
    if (scales == null) {
      type.dot(memory(worker), at, cols, from, count, work, 0);
    } else {
      floats(panel, at, from, count, work, worker);
      FloatTile.column(type.lanes, work, count, from, 0);
    }
  }

  /** Whether {@link #dotTwo} may be called. */
  boolean takesTwo() {
    return scales == null && type.takesTwo();
  }

  /** Whether {@link #dotPair} may be called. */
  boolean takesPair() {
    return takesTwo() && resident() && 2 * panelBytes <= Integer.MAX_VALUE;
  }

  /** {@link PanelType#dotPair} of a panel at {@code at} and the next one, to the first sums. */
  void dotPair(long at, Work work, int worker) {
    type.dotPair(memory(worker), at, cols, work, 0);
  }

  /** {@link PanelType#dotTwo} of a panel that was opened at {@code at}, to the first sums. */
  void dotTwo(long at, Work work, int worker) {
    type.dotTwo(memory(worker), at, cols, work, 0);
  }

  /** {@link PanelType#few}. */
  int few() {
    return scales == null ? type.few() : 0;
  }

  /** {@link PanelType#multiply} of a panel that was opened at {@code at}. */
  void multiply(long at, int from, int count, int columns, Work work, int worker) {
    type.multiply(memory(worker), at, cols, from, count, columns, work);
  }

  /** Most numbers that {@link #dot} takes at once. */
  int dotChunk() {
    return scales == null ? type.dotChunk() : Work.CHUNK;
  }

  /** Opens a panel in memory of the worker's own with one row, in the first lane. */
  long openRow(int row, Work work, int worker) {
    if (resident()) {
      throw new IllegalStateException("rows are looked up in the file's layout");
    }
    make(row, 1, work, worker);
    return 0;
  }

  private void make(int first, int count, Work work, int worker) {
    work.packing(rowBytes, (int) panelBytes);
    for (int row = 0; row < count; row++) {
      long at = (long) (first + row) * rowBytes;
      MemorySegment.copy(stored(worker), Memory.BYTE, at, work.row, 0, rowBytes);
      type.pack(work.row, 0, cols, work.panel, row, work.split);
    }
    MemorySegment.copy(work.panel, 0, scratch.of(worker), Memory.BYTE, 0, (int) panelBytes);
  }
}
