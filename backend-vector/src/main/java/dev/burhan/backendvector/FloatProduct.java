package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;

/** Products with F32 activations. */
final class FloatProduct {
  private final Panels panels;
  private final MemorySegment x;
  private final int lanes;
  private final FloatTile tile;

  /**
   * @param x F32 (columns, cols)
   */
  FloatProduct(Panels panels, MemorySegment x) {
    this.panels = panels;
    this.x = x;
    this.lanes = panels.type.lanes.rows();
    this.tile = new FloatTile(panels.type.lanes);
  }

  /** Sums of a panel with so many columns, which tiles round up. */
  int sumsOf(int columns) {
    if (columns == 1) {
      return lanes;
    }
    int padded = whole(columns) ? ByteTile.padded(columns) : FloatTile.padded(columns);
    return padded * lanes;
  }

  /** Whether so many columns are loaded whole, and panels multiplied one at a time. */
  boolean whole(int columns) {
    return columns == 1 || columns <= panels.few();
  }

  /** Makes the columns that are listed in {@code work.inputs} ready for {@link #addWhole}. */
  void load(int columns, Work work) {
    int stride = EightBits.stride(panels.cols);
    work.row((columns == 1 ? 1 : ByteTile.padded(columns)) * stride);
    for (int c = 0; c < columns; c++) {
      long at = 4L * work.inputs[c] * panels.cols;
      MemorySegment.copy(x, Memory.FLOAT, at, work.x, c * stride, panels.cols);
    }
  }

  /** Adds the products of a panel with the columns that were loaded. */
  void addWhole(int panel, int columns, Work work, int worker) {
    if (columns == 1) {
      addColumn(panel, work, worker);
      return;
    }
    long at = panels.open(panel, work, worker);
    work.stride = EightBits.stride(panels.cols);
    for (int from = 0; from < panels.cols; from += Work.SECTION) {
      int count = Math.min(Work.SECTION, panels.cols - from);
      panels.multiply(at, from, count, columns, work, worker);
    }
  }

  private void addColumn(int panel, Work work, int worker) {
    long at = panels.open(panel, work, worker);
    int step = panels.dotChunk();
    for (int from = 0; from < panels.cols; from += step) {
      int count = Math.min(step, panels.cols - from);
      panels.dot(panel, at, from, count, work, worker);
    }
  }

  /** Adds the products of two panels, one behind the other, with the column that was loaded. */
  void addColumnToPair(int panel, Work work, int worker) {
    panels.dotPair(panels.open(panel, work, worker), work, worker);
  }

  /** Makes two columns' activations ready for {@link #addTwo}. */
  void loadTwo(Work work) {
    int cols = panels.cols;
    work.row(2 * cols);
    for (int c = 0; c < 2; c++) {
      MemorySegment.copy(x, Memory.FLOAT, 4L * work.inputs[c] * cols, work.x, c * cols, cols);
    }
  }

  /** Adds the products of a panel with the two columns that were loaded. */
  void addTwo(int panel, Work work, int worker) {
    panels.dotTwo(panels.open(panel, work, worker), work, worker);
  }

  /** Adds the products of panels with the columns that are listed in {@code work.inputs}. */
  void add(int first, int count, int columns, Work work, int worker) {
    int each = sumsOf(columns);
    long made = panels.resident() ? 0 : panels.open(first, work, worker); // then it is the only one
    for (int from = 0; from < panels.cols; from += Work.CHUNK) {
      int numbers = Math.min(Work.CHUNK, panels.cols - from);
      loadChunk(columns, from, numbers, work);
      for (int i = 0; i < count; i++) {
        long at = panels.resident() ? panels.open(first + i, work, worker) : made;
        panels.floats(first + i, at, from, numbers, work, worker);
        tile.multiply(work, columns, numbers, i * each);
      }
    }
  }

  private void loadChunk(int columns, int from, int numbers, Work work) {
    for (int c = 0; c < columns; c++) {
      long at = 4L * ((long) work.inputs[c] * panels.cols + from);
      MemorySegment.copy(x, Memory.FLOAT, at, work.x, c * Work.CHUNK, numbers);
    }
  }
}
