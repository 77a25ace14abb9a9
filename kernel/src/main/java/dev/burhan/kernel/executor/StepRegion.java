package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;

/** One of the parallel regions that a step is made of. */
interface StepRegion extends WorkerPool.Region {

  /** Cuts this step's work; returns the number of parts. */
  int prepare(Batch batch);
}
