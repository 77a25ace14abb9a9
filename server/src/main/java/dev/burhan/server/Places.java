package dev.burhan.server;

import java.time.Duration;

/** How many requests may be with the engine at once: those that it runs and those that wait. */
final class Places {
  private final int most;
  private int taken; // guarded by this

  Places(int most) {
    this.most = most;
  }

  /** A taken place; closing gives it back. */
  final class Place implements AutoCloseable {
    private Place() {}

    @Override
    public void close() {
      giveBack();
    }
  }

  /**
   * Takes a place.
   *
   * @throws ApiError if there is none
   */
  synchronized Place take() {
    if (taken == most) {
      throw ApiError.unavailable(
          "engine_overloaded",
          "%d requests are being answered or wait, and more are not taken; try again later."
              .formatted(most),
          Serving.RETRY_AFTER_SECONDS);
    }
    taken++;
    return new Place();
  }

  private synchronized void giveBack() {
    taken--;
    notifyAll();
  }

  /** Waits until no place is taken; false if the time was over first. */
  synchronized boolean awaitEmpty(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (taken > 0) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(Math.max(1, left / 1_000_000));
    }
    return true;
  }
}
