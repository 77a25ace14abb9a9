package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;

/** One of the parallel regions that a step is made of. */
interface StepRegion extends WorkerPool.Region {

  /** Cuts this step's work; returns the number of parts. */
  int prepare(Batch batch);

  /** Whether the step that was prepared is so little work that one thread should do it all. */
  default boolean little() {
    return false;
  }
}
