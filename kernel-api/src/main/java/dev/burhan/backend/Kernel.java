package dev.burhan.backend;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One node, bound to memory. The parts of a step may run at once on different workers and in any
 * order; the split may depend on the batch, the resulting bits may not.
 */
@ConsumerType
public interface Kernel {

  /**
   * What must be done to every column before any part runs, such as appending its keys to a cache;
   * it reads the node's inputs. Asked for once, after binding.
   */
  default Optional<ColumnKernel> prologue() {
    return Optional.empty();
  }

  /**
   * Called once a step when the node's inputs are written, maybe before other nodes run whose turn
   * is earlier: what must be read from elsewhere can be asked for. Returns at once.
   */
  default void inputsReady(Batch batch) {}

  /** Into how many parts this step's work is cut; 0 if there is nothing to do. */
  int parts(Batch batch);

  /**
   * About how many multiply-adds all parts of this step are, where that is known; {@link
   * Long#MAX_VALUE} where it is not. What takes less time than handing it to another thread is run
   * by one.
   */
  default long work(Batch batch) {
    return Long.MAX_VALUE;
  }

  /**
   * Runs one part. Short, allocates nothing, takes no lock.
   *
   * @param part from 0 to {@code parts(batch) - 1}
   * @param worker which worker runs it, from 0 to {@code limits.threads - 1}: for {@link Scratch}
   */
  void run(Batch batch, int part, int worker);
}
