package dev.burhan.backendblas;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Resident;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Dequantiser;
import java.lang.foreign.MemorySegment;

/**
 * {@code y = W x + b} for the prompt columns of a batch. A part is some rows of W: they are
 * dequantised into a tile that the worker's cache holds, which is then multiplied by each run of
 * neighbouring prompt columns at once.
 *
 * <p>All lengths are checked when it is made; OpenBLAS checks none.
 */
final class PromptProduct implements Kernel {
  /** Bytes of a tile: about a core's second-level cache. */
  private static final int TILE = 1 << 20;

  /** Rows of a tile: below, OpenBLAS arranges the columns anew for too little work. */
  private static final int FEWEST_ROWS = 32;

  private static final int MOST_ROWS = 256;
  private static final int ROW_STEP = 16; // lanes of its kernels

  private final OpenBlas blas;
  private final MemorySegment x; // F32 (columns, cols)
  private final MemorySegment y; // F32 (columns, rows)
  private final MemorySegment weight; // (rows, cols) in type
  private final DataType type;
  private final MemorySegment bias; // F32 (rows), or null
  private final int rows;
  private final int cols;
  private final int rowsEach; // of a part
  private final Scratch tile; // F32 (rowsEach, cols); null where the weight is F32

  PromptProduct(OpenBlas blas, Op.Linear op, Node node, Bindings bindings) {
    this.blas = blas;
    rows = Math.toIntExact(op.weight().shape().rows());
    cols = Math.toIntExact(op.weight().shape().cols());
    x = value(node.in().getFirst(), cols, bindings);
    y = value(node.out().getFirst(), rows, bindings);
    Resident resident = bindings.weight(op.weight());
    type = resident.layout().equals(Layout.F32) ? DataType.F32 : op.weight().type();
    weight = atLeast(resident.segment(), rows * type.bytes(cols), op.weight().name());
    bias = op.bias().map(weight -> vector(weight, bindings)).orElse(null);
    rowsEach = rowsEach(rows, cols, bindings.limits().threads());
    tile = type.equals(DataType.F32) ? null : bindings.scratch(4L * rowsEach * cols);
  }

  private static MemorySegment value(Value value, int width, Bindings bindings) {
    if (value.width() != width) {
      throw new IllegalArgumentException(
          "value " + value.name() + " is " + value.width() + " wide, expected " + width);
    }
    return atLeast(bindings.value(value), 4L * width * bindings.limits().columns(), value.name());
  }

  private MemorySegment vector(Weight weight, Bindings bindings) {
    return atLeast(bindings.weight(weight).segment(), 4L * rows, weight.name());
  }

  private static MemorySegment atLeast(MemorySegment segment, long bytes, String what) {
    if (segment.byteSize() < bytes || !segment.isNative()) {
      throw new IllegalArgumentException(
          what
              + " needs "
              + bytes
              + " bytes outside of the heap, its segment has "
              + segment.byteSize());
    }
    return segment;
  }

  /** As many as a tile holds, and so that the parts are shared out evenly. */
  static int rowsEach(int rows, int cols, int threads) {
    int most = Math.clamp(TILE / 4 / cols, FEWEST_ROWS, MOST_ROWS);
    int parts = Math.ceilDiv(Math.ceilDiv(rows, most), threads) * threads;
    return Math.ceilDiv(Math.ceilDiv(rows, parts), ROW_STEP) * ROW_STEP;
  }

  @Override
  public int parts(Batch batch) {
    return next(batch, 0, Phase.PROMPT) < batch.columns() ? Math.ceilDiv(rows, rowsEach) : 0;
  }

  /** The first column from one on that is of a phase; the number of columns if none is. */
  private static int next(Batch batch, int from, Phase phase) {
    int column = from;
    while (column < batch.columns() && batch.phase(column) != phase) {
      column++;
    }
    return column;
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int first = part * rowsEach;
    int count = Math.min(rowsEach, rows - first);
    long from = first * type.bytes(cols);
    long numbers = weight.address() + from;
    if (tile != null) {
      MemorySegment unpacked = tile.of(worker);
      Dequantiser.decode(type, (long) count * cols, weight, from, unpacked, 0);
      numbers = unpacked.address();
    }
    for (int begin = next(batch, 0, Phase.PROMPT); begin < batch.columns(); ) {
      int end = next(batch, begin, Phase.GENERATED);
      multiply(numbers, first, count, begin, end);
      begin = next(batch, end, Phase.PROMPT);
    }
  }

  /** Rows {@code [first, first + count)} of the columns {@code [begin, end)}. */
  private void multiply(long numbers, int first, int count, int begin, int end) {
    if (bias != null) {
      for (int column = begin; column < end; column++) {
        long at = (long) column * rows + first;
        MemorySegment.copy(bias, JAVA_FLOAT, 4L * first, y, JAVA_FLOAT, 4 * at, count);
      }
    }
    blas.multiply(
        end - begin,
        count,
        cols,
        x.address() + 4L * begin * cols,
        cols,
        numbers,
        cols,
        bias == null ? 0 : 1,
        y.address() + 4 * ((long) begin * rows + first),
        rows);
  }
}
