package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;

/**
 * Rows of a quantised matrix times activations in 8 bits ({@link Q8Encoding}), straight from the
 * blocks: see {@link Quantised#dot}.
 */
final class QuantProduct implements Product {
  private final Lanes lanes;
  private final Matrix matrix;
  private final MemorySegment input;
  private final long inputBytes;

  /**
   * @param input encoded rows of {@code matrix.cols()} numbers, {@code inputBytes} each
   */
  QuantProduct(Lanes lanes, Matrix matrix, MemorySegment input, long inputBytes) {
    this.lanes = lanes;
    this.matrix = matrix;
    this.input = input;
    this.inputBytes = inputBytes;
  }

  @Override
  public void addTo(int firstRow, int rows, int columns, Work work) {
    for (int c = 0; c < columns; c++) {
      load(work.inputs[c] * inputBytes, work);
      for (int row = 0; row < rows; row++) {
        int sum = (row / Work.TILE * columns + c) * Work.TILE + row % Work.TILE;
        float mins = matrix.dot(firstRow + row, work);
        work.sums[sum] += lanes.sum(work.vectors, 0) + mins;
      }
    }
  }

  private void load(long at, Work work) {
    int cols = matrix.cols();
    int groups = cols / matrix.group();
    long scales = at + Q8Encoding.scales(cols, matrix.group());
    long sums = at + Q8Encoding.sums(cols, matrix.group());
    work.activations(cols);
    MemorySegment.copy(input, Memory.SHORT, at, work.x, 0, cols);
    MemorySegment.copy(input, Memory.FLOAT, scales, work.xScales, 0, groups);
    MemorySegment.copy(input, Memory.FLOAT, sums, work.xSums, 0, groups);
  }
}
