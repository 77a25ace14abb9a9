package dev.burhan.backend;

/** How a step ended. */
public enum Outcome {
  /** All results are there. */
  DONE,
  /**
   * Given up: the pages hold garbage at this step's positions, earlier positions are intact,
   * results are undefined.
   */
  STOPPED,
  /** The device is gone: pages are lost, sequences must be recomputed elsewhere. */
  LOST
}
