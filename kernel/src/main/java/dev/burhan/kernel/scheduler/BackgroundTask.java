package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Stop;

/** Work of no request, for when a model has none. It is run once, or told why it never will be. */
interface BackgroundTask {

  /**
   * Does the work with the model's program; every exception is its own failure.
   *
   * @param stop asks to end it, as a request came
   */
  void run(StepRunner steps, Stop stop);

  /** It failed, or will never run. */
  void fail(RuntimeException cause);
}
