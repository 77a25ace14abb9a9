package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of a quantised matrix times activations in 8 bits ({@link Q8Encoding}). Within a group the
 * products are summed as integers, exactly; each lane's sum becomes a float, is multiplied by both
 * scales and added by fma, groups ascending. The minima of a chunk are added before its groups, as
 * products with the sums of the activations.
 */
final class QuantProduct implements Product {
  private final Lanes lanes;
  private final Matrix matrix;
  private final MemorySegment input;
  private final long inputBytes;
  private final long scales;
  private final long sums;

  /**
   * @param input encoded rows of {@code matrix.cols()} numbers, {@code inputBytes} each
   */
  QuantProduct(Lanes lanes, Matrix matrix, MemorySegment input, long inputBytes) {
    this.lanes = lanes;
    this.matrix = matrix;
    this.input = input;
    this.inputBytes = inputBytes;
    this.scales = Q8Encoding.scales(matrix.cols(), matrix.group());
    this.sums = Q8Encoding.sums(matrix.cols(), matrix.group());
  }

  @Override
  public void addTo(int firstRow, int rows, int columns, Work work) {
    for (int from = 0; from < matrix.cols(); from += Work.CHUNK) {
      int count = Math.min(Work.CHUNK, matrix.cols() - from);
      for (int row = 0; row < rows; row++) {
        matrix.quants(firstRow + row, from, count, work, 0);
        int sum = row / Work.TILE * Work.TILE * columns + row % Work.TILE;
        for (int c = 0; c < columns; c++) {
          work.sums[sum + c * Work.TILE] += product(work.inputs[c] * inputBytes, from, count, work);
        }
      }
    }
  }

  private float product(long x, int from, int count, Work work) {
    int groups = count / matrix.group();
    long group = from / matrix.group() * 4L;
    multiplyScales(x + scales + group, groups, work);
    if (matrix.hasMins()) {
      mins(x + sums + group, groups, work);
    } else {
      FloatVector.zero(lanes.floats()).intoArray(work.vectors, 0);
    }
    if (matrix.group() == 16) {
      groups16(x + from * 2L, groups, work);
    } else {
      groups32(x + from * 2L, groups, work);
    }
    return lanes.sum(work.vectors, 0);
  }

  /** The last vector may read beyond the scales: the arrays and rows have room for it. */
  private void multiplyScales(long xScales, int groups, Work work) {
    for (int g = 0; g < groups; g += lanes.floats().length()) {
      FloatVector w = FloatVector.fromArray(lanes.floats(), work.scales, g);
      FloatVector x = FloatVector.fromMemorySegment(lanes.floats(), input, xScales + g * 4L, LE);
      w.mul(x).intoArray(work.products, g);
    }
  }

  private void mins(long xSums, int groups, Work work) {
    FloatVector total = FloatVector.zero(lanes.floats());
    for (int g = 0; g < groups; g += lanes.floats().length()) {
      VectorMask<Float> mask = lanes.floats().indexInRange(g, groups);
      FloatVector min = FloatVector.fromArray(lanes.floats(), work.mins, g, mask);
      FloatVector x =
          FloatVector.fromMemorySegment(lanes.floats(), input, xSums + g * 4L, LE, mask);
      total = min.fma(x, total);
    }
    total.intoArray(work.vectors, 0);
  }

  private void groups32(long x, int groups, Work work) {
    FloatVector sum = FloatVector.fromArray(lanes.floats(), work.vectors, 0);
    for (int g = 0; g < groups; g++) {
      IntVector dot = lanes.dot32(work.quants, g * 32, input, x + g * 64L);
      sum = add(dot, work.products[g], sum);
    }
    sum.intoArray(work.vectors, 0);
  }

  private void groups16(long x, int groups, Work work) {
    FloatVector sum = FloatVector.fromArray(lanes.floats(), work.vectors, 0);
    for (int g = 0; g < groups; g++) {
      IntVector dot = lanes.dot16(work.quants, g * 16, input, x + g * 32L);
      sum = add(dot, work.products[g], sum);
    }
    sum.intoArray(work.vectors, 0);
  }

  private FloatVector add(IntVector dot, float scale, FloatVector sum) {
    FloatVector numbers = (FloatVector) dot.convertShape(VectorOperators.I2F, lanes.floats(), 0);
    return numbers.fma(FloatVector.broadcast(lanes.floats(), scale), sum);
  }
}
