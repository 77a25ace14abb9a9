package dev.burhan.kernel.oracle;

import dev.burhan.backend.Batch;
import dev.burhan.backend.ColumnKernel;

/** Appends each column to both planes of a cache, before any column attends. */
record Append(CachedRows first, CachedRows second) implements ColumnKernel {
  @Override
  public void column(Batch batch, int column, int worker) {
    first.append(batch, column);
    second.append(batch, column);
  }
}
