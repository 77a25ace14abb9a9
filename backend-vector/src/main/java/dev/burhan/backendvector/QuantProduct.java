package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
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

  QuantProduct(Lanes lanes, Matrix matrix, MemorySegment input, long inputBytes) {
    this.lanes = lanes;
    this.matrix = matrix;
    this.input = input;
    this.inputBytes = inputBytes;
    this.scales = Q8Encoding.scales(matrix.cols(), matrix.group());
    this.sums = Q8Encoding.sums(matrix.cols(), matrix.group());
  }

  @Override
  public void addTo(int firstRow, int rows, int columns, MemorySegment work) {
    for (int from = 0; from < matrix.cols(); from += Work.CHUNK) {
      int count = Math.min(Work.CHUNK, matrix.cols() - from);
      for (int row = 0; row < rows; row += Work.TILE) {
        for (int slot = 0; slot < Work.TILE; slot++) {
          matrix.quants(firstRow + Math.min(row + slot, rows - 1), from, count, work, slot);
        }
        long at = Work.SUMS + (long) row * columns * lanes.bytes();
        for (int c = 0; c < columns; c++) {
          long x = Work.input(work, c) * inputBytes;
          column(x, from, count, work, at + (long) c * Work.TILE * lanes.bytes());
        }
      }
    }
  }

  private void column(long x, int from, int count, MemorySegment work, long at) {
    int groups = count / matrix.group();
    long group = from / matrix.group() * 4L;
    for (int slot = 0; slot < Work.TILE; slot++) {
      long row = slot * Work.GROUPS_STRIDE;
      multiplyScales(x + scales + group, row, groups, work);
      if (matrix.hasMins()) {
        addMins(x + sums + group, row, groups, work, at + (long) slot * lanes.bytes());
      }
    }
    if (matrix.group() == 16) {
      groups16(x + from * 2L, groups, work, at);
    } else {
      groups32(x + from * 2L, groups, work, at);
    }
  }

  /** The last vector may read beyond the scales: rows of both have room for it. */
  private void multiplyScales(long xScales, long row, int groups, MemorySegment work) {
    for (int g = 0; g < groups; g += lanes.floats().length()) {
      FloatVector w = load(work, Work.SCALES + row + g * 4L);
      w.mul(load(input, xScales + g * 4L))
          .intoMemorySegment(work, Work.PRODUCTS + row + g * 4L, LE);
    }
  }

  private void addMins(long xSums, long row, int groups, MemorySegment work, long at) {
    FloatVector total = load(work, at);
    for (int g = 0; g < groups; g += lanes.floats().length()) {
      VectorMask<Float> mask = lanes.floats().indexInRange(g, groups);
      FloatVector min =
          FloatVector.fromMemorySegment(lanes.floats(), work, Work.MINS + row + g * 4L, LE, mask);
      FloatVector x =
          FloatVector.fromMemorySegment(lanes.floats(), input, xSums + g * 4L, LE, mask);
      total = min.fma(x, total);
    }
    total.intoMemorySegment(work, at, LE);
  }

  private void groups32(long x, int groups, MemorySegment work, long at) {
    int size = lanes.floats().vectorByteSize();
    FloatVector s0 = load(work, at);
    FloatVector s1 = load(work, at + size);
    FloatVector s2 = load(work, at + 2 * size);
    FloatVector s3 = load(work, at + 3 * size);
    for (int g = 0; g < groups; g++) {
      long xg = x + g * 64L;
      s0 = dot32(xg, 0, g, work, s0);
      s1 = dot32(xg, 1, g, work, s1);
      s2 = dot32(xg, 2, g, work, s2);
      s3 = dot32(xg, 3, g, work, s3);
    }
    s0.intoMemorySegment(work, at, LE);
    s1.intoMemorySegment(work, at + size, LE);
    s2.intoMemorySegment(work, at + 2 * size, LE);
    s3.intoMemorySegment(work, at + 3 * size, LE);
  }

  private FloatVector dot32(long xg, int slot, int g, MemorySegment work, FloatVector total) {
    long w = Work.QUANTS + (long) slot * Work.CHUNK + g * 32L;
    FloatVector dot =
        (FloatVector)
            lanes.dot32(work, w, input, xg).convertShape(VectorOperators.I2F, lanes.floats(), 0);
    return dot.fma(product(slot, g, work), total);
  }

  private void groups16(long x, int groups, MemorySegment work, long at) {
    int size = lanes.floats().vectorByteSize();
    FloatVector s0 = load(work, at);
    FloatVector s1 = load(work, at + size);
    FloatVector s2 = load(work, at + 2 * size);
    FloatVector s3 = load(work, at + 3 * size);
    for (int g = 0; g < groups; g++) {
      long xg = x + g * 32L;
      s0 = dot16(xg, 0, g, work, s0);
      s1 = dot16(xg, 1, g, work, s1);
      s2 = dot16(xg, 2, g, work, s2);
      s3 = dot16(xg, 3, g, work, s3);
    }
    s0.intoMemorySegment(work, at, LE);
    s1.intoMemorySegment(work, at + size, LE);
    s2.intoMemorySegment(work, at + 2 * size, LE);
    s3.intoMemorySegment(work, at + 3 * size, LE);
  }

  private FloatVector dot16(long xg, int slot, int g, MemorySegment work, FloatVector total) {
    long w = Work.QUANTS + (long) slot * Work.CHUNK + g * 16L;
    FloatVector dot =
        (FloatVector)
            lanes.dot16(work, w, input, xg).convertShape(VectorOperators.I2F, lanes.floats(), 0);
    return dot.fma(product(slot, g, work), total);
  }

  private FloatVector product(int slot, int g, MemorySegment work) {
    float product = work.get(Memory.FLOAT, Work.PRODUCTS + slot * Work.GROUPS_STRIDE + g * 4L);
    return FloatVector.broadcast(lanes.floats(), product);
  }

  private FloatVector load(MemorySegment from, long at) {
    return FloatVector.fromMemorySegment(lanes.floats(), from, at, LE);
  }
}
