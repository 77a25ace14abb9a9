package dev.burhan.backendvector;

import dev.burhan.backend.Resident;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;

/**
 * A weight in the file's layout: rows of whole blocks, one after another. Its length is checked
 * here, once; every access within {@code (rows, cols)} stays inside the segment.
 */
final class Matrix {
  private final MemorySegment segment;
  private final DataType type;
  private final Quantised quantised;
  private final Widen widen;
  private final long rows;
  private final int cols;
  private final long rowBytes;

  private Matrix(Weight weight, MemorySegment segment, Lanes lanes) {
    this.segment = segment;
    this.type = weight.type();
    this.quantised = Quantised.supports(type) ? Quantised.of(type, lanes) : null;
    this.widen = Widen.of(type, lanes).orElse(null);
    this.rows = weight.shape().rows();
    this.cols = Math.toIntExact(weight.shape().cols());
    this.rowBytes = type.bytes(cols);
  }

  static boolean supports(Weight weight) {
    DataType type = weight.type();
    boolean known = Quantised.supports(type) || Widen.supports(type);
    return known
        && weight.shape().cols() % type.blockElements() == 0
        && weight.shape().cols() <= Integer.MAX_VALUE
        && weight.shape().rows() <= Integer.MAX_VALUE;
  }

  static Matrix of(Resident resident, Lanes lanes) {
    Matrix matrix = new Matrix(resident.weight(), resident.segment(), lanes);
    long expected = Math.multiplyExact(matrix.rows, matrix.rowBytes);
    if (resident.segment().byteSize() < expected) {
      throw new IllegalArgumentException(
          "weight "
              + resident.weight().name()
              + " needs "
              + expected
              + " bytes, its segment has "
              + resident.segment().byteSize());
    }
    return matrix;
  }

  int rows() {
    return (int) rows;
  }

  int cols() {
    return cols;
  }

  boolean quantised() {
    return quantised != null;
  }

  /** Numbers that share a scale. */
  int group() {
    return quantised.group();
  }

  /** Product of a whole row of a quantised matrix with the activations in {@code work}. */
  float dot(long row, Work work) {
    return quantised.dot(segment, offset(row, 0), cols / type.blockElements(), work);
  }

  /**
   * Writes {@code count} numbers of a row, at most a chunk, as F32 into row {@code slot} of the
   * work's floats.
   */
  void floats(long row, int from, int count, Work work, int slot) {
    int at = slot * Work.CHUNK;
    if (widen != null) {
      widen.widen(segment, offset(row, from), count, work.floats, at);
    } else {
      int blocks = count / type.blockElements();
      quantised.floats(segment, offset(row, from), blocks, work, work.floats, at);
    }
  }

  private long offset(long row, int from) {
    return row * rowBytes + type.bytes(from);
  }
}
