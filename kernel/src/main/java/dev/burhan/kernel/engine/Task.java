package dev.burhan.kernel.engine;

import dev.burhan.backend.Stop;

/** Work for a model's thread. It is run once, or told why it never will be. */
interface Task extends Stop {

  /** Does the work with the model's program; every exception is the task's own failure. */
  void run(StepRunner steps);

  /** It failed, or will never run. */
  void fail(RuntimeException cause);

  /** Ends it soon. */
  void cancel();

  /** Whether it is given up as soon as another task comes. */
  default boolean yields() {
    return false;
  }
}
