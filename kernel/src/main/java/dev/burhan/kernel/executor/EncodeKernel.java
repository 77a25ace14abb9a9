package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Encoding;
import dev.burhan.backend.Kernel;
import dev.burhan.graph.Value;
import java.lang.foreign.MemorySegment;

/** Encodes the rows of a value, so that every kernel that wants this form reads one copy. */
final class EncodeKernel implements Kernel {
  private static final int ROWS_A_PART = 16;

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

  private int rows(Batch batch) {
    return value.rows() == Value.Rows.LOGIT ? batch.logitRows() : batch.columns();
  }

  @Override
  public int parts(Batch batch) {
    return Math.ceilDiv(rows(batch), ROWS_A_PART);
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int end = Math.min(rows(batch), (part + 1) * ROWS_A_PART);
    for (int row = part * ROWS_A_PART; row < end; row++) {
      encoding.encode(
          from,
          (long) row * value.width() * Float.BYTES,
          value.width(),
          to,
          row * encoding.bytesPerRow(value.width()));
    }
  }
}
