package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Kernel;

/** An op that treats each row on its own: parts are runs of rows. */
abstract class RowKernel implements Kernel {
  private static final int NUMBERS_PER_PART = 1 << 14;
  private final int rowsPerPart;

  /**
   * @param width numbers of a row
   */
  RowKernel(int width) {
    this.rowsPerPart = Math.max(1, NUMBERS_PER_PART / width);
  }

  @Override
  public final int parts(Batch batch) {
    return (batch.columns() + rowsPerPart - 1) / rowsPerPart;
  }

  @Override
  public final void run(Batch batch, int part, int worker) {
    int end = Math.min(batch.columns(), (part + 1) * rowsPerPart);
    for (int column = part * rowsPerPart; column < end; column++) {
      row(batch, column, worker);
    }
  }

  abstract void row(Batch batch, int column, int worker);
}
