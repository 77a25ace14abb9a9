package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;

/**
 * One loop over a panel's chunk, compiled by itself. C2 gives up on turning vector operations into
 * instructions once the method that it compiles, with all that it inlines, has more than some
 * thirty of them; a kernel is therefore made of stages that hand over through {@link Work}, and all
 * are called from one place, {@link #run}, which sees too many of them to inline any.
 */
@FunctionalInterface
interface Stage {

  /**
   * @param at where the stage's bytes begin in {@code w}
   * @param first number of the row, or group, that it begins with
   * @param count how many runs or groups
   */
  void go(MemorySegment w, long at, int first, int count, Work work);

  /** Runs a stage, never inlined. */
  static void run(Stage stage, MemorySegment w, long at, int first, int count, Work work) {
    stage.go(w, at, first, count, work);
  }
}
