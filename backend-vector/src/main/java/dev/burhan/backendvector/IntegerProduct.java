package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Products of a quantised weight with activations in 8 bits. */
final class IntegerProduct {
  /** Most columns that unpack integers for themselves; more do it once together. */
  private static final int EACH = 2;

  private final Panels panels;
  private final IntegerPanels type;
  private final MemorySegment encoded;
  private final long rowBytes;
  private final int lanes;
  private final int stride;

  /**
   * @param encoded rows of activations as {@link Q8Encoding} makes them
   * @param rowBytes from one row to the next one
   */
  IntegerProduct(Panels panels, MemorySegment encoded, long rowBytes) {
    this.panels = panels;
    this.type = panels.type.integers().orElseThrow();
    this.encoded = encoded;
    this.rowBytes = rowBytes;
    this.lanes = panels.type.lanes.rows();
    this.stride = EightBits.stride(panels.cols);
  }

  private int sumsOf(int columns) {
    return columns * lanes;
  }

  /**
   * Makes the activations of some of the columns in {@code work.inputs} ready for {@link
   * #multiply}.
   */
  void load(int first, int count, Work work) {
    work.eight.room((count + IntegerTile.COLUMNS) * stride); // a tile may read beyond
    for (int c = 0; c < count; c++) {
      long row = work.inputs[first + c] * rowBytes;
      if (type.assembled()) {
        work.eight.readBlocks(encoded, row, panels.cols, c * stride);
      } else {
        work.eight.read(encoded, row, panels.cols, c * stride);
      }
    }
  }

  /** Writes the products of a panel with the columns that were loaded to {@code work.sums}. */
  void multiply(int panel, int columns, Work work, int worker) {
    long at = panels.open(panel, work, worker);
    MemorySegment w = panels.memory(worker);
    int sums = sumsOf(columns);
    Arrays.fill(work.sums, 0, sums, 0);
    if (type.hasOffsets()) {
      Arrays.fill(work.shifts, 0, sums, 0);
    }
    boolean each = columns <= EACH;
    int step = each ? Work.SECTION : Work.INTEGERS;
    for (int from = 0; from < panels.cols; from += step) {
      int count = Math.min(step, panels.cols - from);
      if (type.assembled()) {
        type.multiplyAssembled(w, at, panels.cols, from, count, work, columns, stride);
      } else if (each) {
        type.multiplyEach(w, at, panels.cols, from, count, work, columns, stride);
      } else {
        type.multiplyTiles(w, at, panels.cols, from, count, work, columns, stride);
      }
    }
    for (int i = 0; type.hasOffsets() && i < sums; i++) {
      work.sums[i] += work.shifts[i];
    }
  }
}
