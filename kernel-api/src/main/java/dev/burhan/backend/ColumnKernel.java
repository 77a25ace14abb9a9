package dev.burhan.backend;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A kernel that makes a column of its outputs from the same column of its inputs and from nothing
 * that another kernel writes in this step. The executor may then run several such kernels that
 * follow one another as a chain, column by column, without waiting in between for the others to be
 * done with theirs; a column is at one kernel and on one worker at a time.
 */
@ConsumerType
public interface ColumnKernel extends Kernel {

  /**
   * Makes one column. Short, allocates nothing, takes no lock; different columns may run at once.
   *
   * @param worker which worker runs it: for {@link Scratch}
   */
  void column(Batch batch, int column, int worker);

  @Override
  default int parts(Batch batch) {
    return batch.columns();
  }

  @Override
  default void run(Batch batch, int part, int worker) {
    column(batch, part, worker);
  }
}
