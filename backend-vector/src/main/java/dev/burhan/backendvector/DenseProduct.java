package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;

/**
 * Rows of a matrix times F32 activations. A chunk of four rows is unpacked to F32 once and used for
 * all columns of the part. Used for float weights, for all weights in the mode with F32
 * activations, and for prompt columns in every mode: where many columns share the unpacking, F32
 * fma is as fast as 8-bit products here, and more exact.
 */
final class DenseProduct implements Product {
  private final Lanes lanes;
  private final Matrix matrix;
  private final DenseTile tile;
  private final MemorySegment input;
  private final long inputBytes;

  /**
   * @param input F32 (columns, matrix.cols())
   */
  DenseProduct(Lanes lanes, Matrix matrix, MemorySegment input) {
    this.lanes = lanes;
    this.matrix = matrix;
    this.tile = new DenseTile(lanes);
    this.input = input;
    this.inputBytes = 4L * matrix.cols();
  }

  @Override
  public void addTo(int firstRow, int rows, int columns, Work work) {
    for (int from = 0; from < matrix.cols(); from += Work.CHUNK) {
      int count = Math.min(Work.CHUNK, matrix.cols() - from);
      for (int row = 0; row < rows; row += Work.TILE) {
        unpack(firstRow + row, Math.min(Work.TILE, rows - row), from, count, work);
        multiply(columns, from * 4L, count, work, row * columns);
      }
    }
  }

  /** Rows that a tile lacks at the matrix's end are filled by its last row; nobody reads them. */
  private void unpack(int firstRow, int rows, int from, int count, Work work) {
    for (int slot = 0; slot < Work.TILE; slot++) {
      matrix.floats(firstRow + Math.min(slot, rows - 1), from, count, work, slot);
    }
  }

  private void multiply(int columns, long from, int count, Work work, int sums) {
    int c = 0;
    for (; c + 4 <= columns; c += 4) {
      four(c, from, count, work);
      add(c, 4, from, count, work, sums);
    }
    if (c + 2 <= columns) {
      two(c, from, count, work);
      add(c, 2, from, count, work, sums);
      c += 2;
    }
    if (c < columns) {
      one(c, from, count, work);
      add(c, 1, from, count, work, sums);
    }
  }

  private void four(int c, long from, int count, Work work) {
    long x0 = input(work, c) + from;
    long x1 = input(work, c + 1) + from;
    long x2 = input(work, c + 2) + from;
    long x3 = input(work, c + 3) + from;
    tile.tile4x4(work.floats, 0, Work.CHUNK, input, x0, x1, x2, x3, count, work.vectors);
  }

  private void two(int c, long from, int count, Work work) {
    long x0 = input(work, c) + from;
    long x1 = input(work, c + 1) + from;
    tile.tile4x2(work.floats, 0, Work.CHUNK, input, x0, x1, count, work.vectors);
  }

  private void one(int c, long from, int count, Work work) {
    long x0 = input(work, c) + from;
    tile.tile4x1(work.floats, 0, Work.CHUNK, input, x0, count, work.vectors);
  }

  private void add(int first, int columns, long from, int count, Work work, int sums) {
    if (count % lanes.floats().length() != 0) {
      tails(first, columns, from, count, work);
    }
    for (int i = 0; i < columns * Work.TILE; i++) {
      work.sums[sums + first * Work.TILE + i] +=
          lanes.sum(work.vectors, i * lanes.floats().length());
    }
  }

  private void tails(int first, int columns, long from, int count, Work work) {
    for (int c = 0; c < columns; c++) {
      long x = input(work, first + c) + from;
      for (int slot = 0; slot < Work.TILE; slot++) {
        int at = (c * Work.TILE + slot) * lanes.floats().length();
        tile.tail(work.floats, slot * Work.CHUNK, input, x, count, work.vectors, at);
      }
    }
  }

  private long input(Work work, int index) {
    return work.inputs[index] * inputBytes;
  }
}
