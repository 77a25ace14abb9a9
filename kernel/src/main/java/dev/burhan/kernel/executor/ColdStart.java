package dev.burhan.kernel.executor;

/**
 * Leaves processors to the JIT compilers while a program is new. Its kernels are interpreted at
 * first, where a vector operation takes a hundred times as long; what ends that is the compilers'
 * work, and workers on every processor would keep them from it. Measured on two processors: a
 * process comes to its first token in 3.2 s instead of 3.5 s if one is left free.
 */
final class ColdStart {
  /** Of a program's steps: about what the compilers need. */
  private static final long NANOS = 2_000_000_000;

  private static final int MOST_LEFT_FREE = 3;

  private final WorkerPool pool;
  private final int threads;
  private long left; // nanoseconds; 0 once it is over
  private long last;

  /** For a pool of so many threads on a machine of so many processors. */
  ColdStart(WorkerPool pool, int threads, int processors) {
    this.pool = pool;
    this.threads = threads;
    int spare = Math.max(0, processors - threads);
    int free = Math.max(0, Math.min(MOST_LEFT_FREE, threads / 2) - spare);
    if (free > 0) {
      left = NANOS;
      pool.limit(threads - free);
    }
  }

  /** A step begins. */
  void begin() {
    if (left > 0) {
      last = System.nanoTime();
    }
  }

  /** A part of the step was done. */
  void advance() {
    if (left > 0) {
      spend(System.nanoTime());
    }
  }

  private void spend(long now) {
    left -= now - last;
    last = now;
    if (left <= 0) {
      left = 0;
      pool.limit(threads);
    }
  }
}
