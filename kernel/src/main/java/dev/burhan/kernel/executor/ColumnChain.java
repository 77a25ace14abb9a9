package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;
import dev.burhan.backend.ColumnKernel;
import java.util.List;

/**
 * Kernels that treat columns by themselves, run one after another over some columns a part. A step
 * of one column is one part, which the calling thread runs: between two products no thread waits
 * for another.
 */
final class ColumnChain implements StepRegion {
  /** Few enough that their rows are still in the cache for the next kernel. */
  private static final int MOST_COLUMNS = 8;

  /** Fewer take less time than handing them to another thread: a token's guesses, for one. */
  private static final int LEAST_COLUMNS = 4;

  private final ColumnKernel[] kernels;
  private final int threads;
  private int columns = 1; // a part, of this step

  ColumnChain(List<ColumnKernel> kernels, int threads) {
    this.kernels = kernels.toArray(ColumnKernel[]::new);
    this.threads = threads;
  }

  @Override
  public int prepare(Batch batch) {
    columns = Math.clamp(batch.columns() / threads, LEAST_COLUMNS, MOST_COLUMNS);
    return Math.ceilDiv(batch.columns(), columns);
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int first = part * columns;
    int end = Math.min(first + columns, batch.columns());
    for (ColumnKernel kernel : kernels) {
      for (int column = first; column < end; column++) {
        kernel.column(batch, column, worker);
      }
    }
  }
}
