package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;
import dev.burhan.backend.ColumnKernel;
import dev.burhan.backend.Encoding;
import dev.burhan.graph.Value;
import java.lang.foreign.MemorySegment;

/** Encodes the rows of a value, so that every kernel that wants this form reads one copy. */
final class EncodeKernel implements ColumnKernel {
  private final Value value;
  private final MemorySegment from;
  private final Encoding encoding;
  private final MemorySegment to;

  EncodeKernel(Value value, MemorySegment from, Encoding encoding, MemorySegment to) {
    this.value = value;
    this.from = from;
    this.encoding = encoding;
    this.to = to;
  }

  /** Whether its rows are columns, so that it may be chained. */
  boolean byColumn() {
    return value.rows() == Value.Rows.COLUMN;
  }

  @Override
  public int parts(Batch batch) {
    return byColumn() ? batch.columns() : batch.logitRows();
  }

  @Override
  public void column(Batch batch, int row, int worker) {
    encoding.encode(
        from,
        (long) row * value.width() * Float.BYTES,
        value.width(),
        to,
        row * encoding.bytesPerRow(value.width()));
  }
}
