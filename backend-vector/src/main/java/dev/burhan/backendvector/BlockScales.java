package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The scales of a weight's blocks. Numbers are multiplied by them before anything else is done, as
 * in the weight's definition, so that the bits are those of the weight widened to F32.
 */
final class BlockScales {
  private final float[] scales; // (matrices, gridRows, gridCols)
  private final int gridRows;
  private final int gridCols;
  private final int blockRows;
  private final int blockCols;

  /**
   * @param scales F32 (matrices, ceil(rows / blockRows), ceil(cols / blockCols))
   * @throws IllegalArgumentException if there are less
   */
  BlockScales(ScaledWeight weight, MemorySegment scales) {
    int rank = weight.scales().shape().rank();
    this.gridRows = Math.toIntExact(weight.scales().shape().dim(rank - 2));
    this.gridCols = Math.toIntExact(weight.scales().shape().dim(rank - 1));
    this.blockRows = weight.blockRows();
    this.blockCols = weight.blockCols();
    this.scales = new float[Math.toIntExact(weight.scales().shape().elements())];
    if (scales.byteSize() < 4L * this.scales.length) {
      throw new IllegalArgumentException(
          "weight %s needs %d bytes, its segment has %d"
              .formatted(weight.scales().name(), 4L * this.scales.length, scales.byteSize()));
    }
    MemorySegment.copy(scales, Memory.FLOAT, 0, this.scales, 0, this.scales.length);
  }

  /**
   * Scales {@code work.floats} (count, lanes' rows).
   *
   * @param firstRow of the panel within its matrix
   * @param rows of the matrix
   * @param from which of a row's numbers is the first
   */
  void apply(Lanes lanes, int matrix, int firstRow, int rows, int from, int count, Work work) {
    for (int k = from; k < from + count; ) {
      int block = k / blockCols;
      int end = Math.min((block + 1) * blockCols, from + count);
      for (int lane = 0; lane < lanes.rows(); lane++) {
        int row = Math.min(firstRow + lane, rows - 1) / blockRows;
        work.blockFactors[lane] = scales[(matrix * gridRows + row) * gridCols + block];
      }
      multiply(lanes, k - from, end - from, work);
      k = end;
    }
  }

  private static void multiply(Lanes lanes, int first, int end, Work work) {
    int v = lanes.floats().length();
    FloatVector a = FloatVector.fromArray(lanes.floats(), work.blockFactors, 0);
    FloatVector b = FloatVector.fromArray(lanes.floats(), work.blockFactors, v);
    float[] numbers = work.floats;
    for (int i = first * 2 * v; i < end * 2 * v; i += 2 * v) {
      FloatVector.fromArray(lanes.floats(), numbers, i).mul(a).intoArray(numbers, i);
      FloatVector.fromArray(lanes.floats(), numbers, i + v).mul(b).intoArray(numbers, i + v);
    }
  }
}
