package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.ColumnKernel;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** Rows of a table by token. The table stays in the file's layout: few of its rows are read. */
final class EmbedKernel implements ColumnKernel {
  private final Panels table;
  private final MemorySegment out;
  private final Supplier<Work> works;

  EmbedKernel(Panels table, MemorySegment out, Supplier<Work> works) {
    this.table = table;
    this.out = out;
    this.works = works;
  }

  @Override
  public void column(Batch batch, int column, int worker) {
    Work work = works.get();
    int lanes = table.type.lanes.rows();
    long panel = table.openRow(batch.token(column), work, worker);
    long to = 4L * column * table.cols;
    for (int from = 0; from < table.cols; from += Work.CHUNK) {
      int count = Math.min(Work.CHUNK, table.cols - from);
      table.type.floats(table.memory(worker), panel, table.cols, from, count, work);
      for (int k = 0; k < count; k++) {
        out.set(Memory.FLOAT, to + 4L * (from + k), work.floats[k * lanes]);
      }
    }
  }
}
