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
  private final Lanes lanes;
  private final DataType type;
  private final Unpack unpack;
  private final Widen widen;
  private final long rows;
  private final int cols;
  private final long rowBytes;

  private Matrix(Weight weight, MemorySegment segment, Lanes lanes) {
    this.segment = segment;
    this.lanes = lanes;
    this.type = weight.type();
    this.unpack = Unpack.of(type).orElse(null);
    this.widen = Widen.of(type, lanes).orElse(null);
    this.rows = weight.shape().rows();
    this.cols = Math.toIntExact(weight.shape().cols());
    this.rowBytes = type.bytes(cols);
  }

  static boolean supports(Weight weight) {
    DataType type = weight.type();
    boolean known = Unpack.of(type).isPresent() || Widen.supports(type);
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
    return unpack != null;
  }

  /** Numbers that share a scale. */
  int group() {
    return unpack.group();
  }

  boolean hasMins() {
    return unpack.hasMins();
  }

  /** Unpacks {@code count} numbers of a row into row {@code slot} of the work's quants. */
  void quants(long row, int from, int count, Work work, int slot) {
    unpack.unpack(segment, offset(row, from), count / type.blockElements(), work, slot);
  }

  /**
   * Writes {@code count} numbers of a row, at most a chunk, as F32 into row {@code slot} of the
   * work's floats.
   */
  void floats(long row, int from, int count, Work work, int slot) {
    int at = slot * Work.CHUNK;
    if (widen != null) {
      widen.widen(segment, offset(row, from), count, work.floats, at);
      return;
    }
    quants(row, from, count, work, 0);
    int groups = count / unpack.group();
    if (unpack.group() == 16) {
      spread16(groups, unpack.hasMins(), work, at);
    } else {
      spread32(groups, unpack.hasMins(), work, at);
    }
  }

  private void spread16(int groups, boolean mins, Work work, int at) {
    for (int group = 0; group < groups; group++) {
      float min = mins ? work.mins[group] : 0;
      int q = group * 16;
      lanes.widen16(work.quants, q, work.scales[group], min, work.floats, at + q);
    }
  }

  private void spread32(int groups, boolean mins, Work work, int at) {
    for (int group = 0; group < groups; group++) {
      float scale = work.scales[group];
      float min = mins ? work.mins[group] : 0;
      int q = group * 32;
      lanes.widen16(work.quants, q, scale, min, work.floats, at + q);
      lanes.widen16(work.quants, q + 16, scale, min, work.floats, at + q + 16);
    }
  }

  private long offset(long row, int from) {
    return row * rowBytes + type.bytes(from);
  }
}
