package dev.burhan.kernel.weights;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.burhan.graph.Source;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Dequantiser;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Expressions whose numbers are computed, in F32. */
final class Computed {
  private Computed() {}

  static final class Dequantised extends Expression {
    private static final long BUFFER_BYTES = 1 << 16;

    private final Expression of;

    Dequantised(Expression of) {
      super(of.where(), DataType.F32, of.shape());
      this.of = of;
      if (!Dequantiser.supports(of.type())) {
        throw wrong("is of type " + of.type() + ", which can't be converted to F32");
      }
    }

    @Override
    void readRows(long first, long count, MemorySegment to) {
      long atOnce = Math.max(1, BUFFER_BYTES / Math.max(1, of.rowBytes()));
      for (long row = 0; row < count; row += atOnce) {
        long rows = Math.min(atOnce, count - row);
        Dequantiser.decode(
            of.type(), rows * cols(), of.buffer(first + row, rows), 0, to, row * rowBytes());
      }
    }
  }

  /** The two innermost axes exchanged. Reads a whole matrix for each call: ask for many rows. */
  static final class Transposed extends Expression {
    private final Expression of;

    Transposed(Expression of) {
      super(of.where(), DataType.F32, exchanged(of));
      this.of = of.asF32();
    }

    private static Shape exchanged(Expression of) {
      int rank = of.shape().rank();
      if (rank < 2) {
        throw of.wrong("has shape " + of.shape() + ", which can't be transposed");
      }
      List<Long> dims = new ArrayList<>(of.shape().dims());
      Collections.swap(dims, rank - 2, rank - 1);
      return new Shape(dims);
    }

    @Override
    void readRows(long first, long count, MemorySegment to) {
      long tall = of.cols(); // rows of a transposed matrix
      for (long row = first; row < first + count; ) {
        long within = row % tall;
        long run = Math.min(tall - within, first + count - row);
        transpose(row / tall * cols(), within, run, to.asSlice((row - first) * rowBytes()));
        row += run;
      }
    }

    /** Columns {@code [column, column + run)} of the matrix that begins at a row of the source. */
    private void transpose(long matrix, long column, long run, MemorySegment to) {
      for (long r = 0; r < cols(); r++) {
        MemorySegment row = of.buffer(matrix + r, 1);
        for (long c = 0; c < run; c++) {
          to.set(
              JAVA_FLOAT_UNALIGNED,
              c * rowBytes() + 4 * r,
              row.get(JAVA_FLOAT_UNALIGNED, 4 * (column + c)));
        }
      }
    }
  }

  /** Numbers times the scale of their block; the last block of a row or column may be partial. */
  static final class BlockScaled extends Expression {
    private final Expression values;
    private final Expression scales;
    private final int blockRows;
    private final int blockCols;

    BlockScaled(Expression values, Expression scales, Source.BlockScaled source) {
      super(values.where(), DataType.F32, values.shape());
      this.values = values.asF32();
      this.scales = scales.asF32();
      this.blockRows = source.blockRows();
      this.blockCols = source.blockCols();
      Shape expected = grid(values);
      if (!scales.shape().equals(expected)) {
        throw scales.wrong(
            "has shape %s; blocks of %d x %d of %s, whose shape is %s, need scales of shape %s"
                .formatted(
                    scales.shape(),
                    blockRows,
                    blockCols,
                    values.where(),
                    values.shape(),
                    expected));
      }
    }

    private Shape grid(Expression of) {
      int rank = of.shape().rank();
      if (rank < 2) {
        throw of.wrong("has shape " + of.shape() + ", which has no blocks to scale");
      }
      List<Long> dims = new ArrayList<>(of.shape().dims());
      dims.set(rank - 2, Math.ceilDiv(dims.get(rank - 2), blockRows));
      dims.set(rank - 1, Math.ceilDiv(dims.get(rank - 1), blockCols));
      return new Shape(dims);
    }

    @Override
    void readRows(long first, long count, MemorySegment to) {
      values.readRows(first, count, to);
      int rank = shape().rank();
      long matrixRows = shape().dim(rank - 2);
      long gridRows = scales.shape().dim(rank - 2);
      for (long row = 0; row < count; row++) {
        long matrix = (first + row) / matrixRows;
        long gridRow = (first + row) % matrixRows / blockRows;
        MemorySegment scale = scales.buffer(matrix * gridRows + gridRow, 1);
        for (long c = 0; c < cols(); c++) {
          long at = row * rowBytes() + 4 * c;
          float scaled =
              to.get(JAVA_FLOAT_UNALIGNED, at)
                  * scale.get(JAVA_FLOAT_UNALIGNED, 4 * (c / blockCols));
          to.set(JAVA_FLOAT_UNALIGNED, at, scaled);
        }
      }
    }
  }
}
