package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Products of a quantised weight with activations in 8 bits. */
final class IntegerProduct {
  private final Panels panels;
  private final IntegerPanels type;
  private final MemorySegment encoded;
  private final long rowBytes;
  private final int lanes;

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
  }

  private int sumsOf(int columns) {
    return columns == 1
        ? lanes
        : Math.ceilDiv(columns, IntegerTile.COLUMNS) * IntegerTile.COLUMNS * lanes;
  }

  /**
   * Makes the activations of some of the columns in {@code work.inputs} ready for {@link
   * #multiply}.
   */
  void load(int first, int count, Work work) {
    int room = count == 1 ? 1 : Math.ceilDiv(count, IntegerTile.COLUMNS) * IntegerTile.COLUMNS;
    work.eight.room(room * panels.cols);
    for (int c = 0; c < count; c++) {
      work.eight.read(encoded, work.inputs[first + c] * rowBytes, panels.cols, c);
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
    int step = columns == 1 ? Work.SECTION : Work.INTEGERS;
    for (int from = 0; from < panels.cols; from += step) {
      int count = Math.min(step, panels.cols - from);
      if (columns == 1) {
        type.multiply(w, at, panels.cols, from, count, work);
      } else {
        type.multiply(w, at, panels.cols, from, count, work, columns, panels.cols);
      }
    }
    for (int i = 0; type.hasOffsets() && i < sums; i++) {
      work.sums[i] += work.shifts[i];
    }
  }
}
