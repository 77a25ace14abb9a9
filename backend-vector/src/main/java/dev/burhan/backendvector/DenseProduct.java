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

  DenseProduct(Lanes lanes, Matrix matrix, MemorySegment input) {
    this.lanes = lanes;
    this.matrix = matrix;
    this.tile = new DenseTile(lanes);
    this.input = input;
    this.inputBytes = 4L * matrix.cols();
  }

  @Override
  public void addTo(int firstRow, int rows, int columns, MemorySegment work) {
    for (int from = 0; from < matrix.cols(); from += Work.CHUNK) {
      int count = Math.min(Work.CHUNK, matrix.cols() - from);
      for (int row = 0; row < rows; row += Work.TILE) {
        unpack(firstRow + row, Math.min(Work.TILE, rows - row), from, count, work);
        long sums = Work.SUMS + (long) row * columns * lanes.bytes();
        wholeVectors(columns, from * 4L, count, work, sums);
        if (count % lanes.floats().length() != 0) {
          tails(columns, from * 4L, count, work, sums);
        }
      }
    }
  }

  /** Rows that a tile lacks at the matrix's end are filled by its last row; nobody reads them. */
  private void unpack(int firstRow, int rows, int from, int count, MemorySegment work) {
    for (int slot = 0; slot < Work.TILE; slot++) {
      int row = firstRow + Math.min(slot, rows - 1);
      matrix.floats(row, from, count, work, work, weights(slot));
    }
  }

  private static long weights(int slot) {
    return Work.FLOATS + slot * 4L * Work.CHUNK;
  }

  private void wholeVectors(int columns, long from, int count, MemorySegment work, long sums) {
    long w0 = weights(0);
    long w1 = weights(1);
    long w2 = weights(2);
    long w3 = weights(3);
    long stride = (long) Work.TILE * lanes.bytes();
    int c = 0;
    for (; c + 4 <= columns; c += 4) {
      long x0 = input(work, c) + from;
      long x1 = input(work, c + 1) + from;
      long x2 = input(work, c + 2) + from;
      long x3 = input(work, c + 3) + from;
      long at = sums + c * stride;
      tile.tile4x4(work, w0, w1, w2, w3, input, x0, x1, x2, x3, count, work, at);
    }
    if (c + 2 <= columns) {
      long x0 = input(work, c) + from;
      long x1 = input(work, c + 1) + from;
      tile.tile4x2(work, w0, w1, w2, w3, input, x0, x1, count, work, sums + c * stride);
      c += 2;
    }
    if (c < columns) {
      long x0 = input(work, c) + from;
      tile.tile4x1(work, w0, w1, w2, w3, input, x0, count, work, sums + c * stride);
    }
  }

  private void tails(int columns, long from, int count, MemorySegment work, long sums) {
    for (int c = 0; c < columns; c++) {
      for (int slot = 0; slot < Work.TILE; slot++) {
        long at = sums + ((long) c * Work.TILE + slot) * lanes.bytes();
        tile.tail(work, weights(slot), input, input(work, c) + from, count, work, at);
      }
    }
  }

  private long input(MemorySegment work, int index) {
    return Work.input(work, index) * inputBytes;
  }
}
