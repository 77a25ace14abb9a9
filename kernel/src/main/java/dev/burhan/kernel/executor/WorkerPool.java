package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads made for thousands of short parallel regions a second: the caller works too (as worker
 * 0), the others spin a little before they park, and nothing is allocated for a region. One region
 * at a time.
 *
 * <p>Invariant: {@code claims} holds the number of parts in its upper and the next free part in its
 * lower half. Whoever increments it and finds a part below the number owns that part, and the
 * region can't end before it is done; so the region that {@code current} names is the one the part
 * belongs to.
 */
final class WorkerPool implements AutoCloseable {
  /**
   * Long enough to bridge the small nodes between two regions, short enough to leave the core to
   * others between steps.
   */
  private static final long SPIN_NANOS = 100_000;

  private final Worker[] workers;
  private final AtomicLong claims = new AtomicLong();
  private final AtomicInteger done = new AtomicInteger();
  private volatile Region current;
  private volatile Batch batch;
  private volatile Throwable failure;
  private volatile boolean closed;

  /** Work that is cut into parts. */
  interface Region {
    /** Part {@code part} on worker {@code worker}. */
    void run(Batch batch, int part, int worker);
  }

  /**
   * Starts the threads.
   *
   * @param threads workers in all, the caller included
   */
  WorkerPool(int threads, String name) {
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1, name + "-worker-" + (i + 1));
    }
    for (Worker worker : workers) {
      worker.start();
    }
  }

  /**
   * Runs all parts and returns when they are done. A part's exception is thrown here, after the
   * others ended.
   */
  void run(Region region, Batch batch, int parts) {
    if (parts <= 0) {
      return;
    }
    if (parts == 1 || workers.length == 0) {
      for (int part = 0; part < parts; part++) {
        region.run(batch, part, 0);
      }
      return;
    }
    this.batch = batch;
    current = region;
    done.set(0);
    claims.set((long) parts << 32);
    for (int i = 0, wanted = Math.min(workers.length, parts - 1); i < wanted; i++) {
      workers[i].wake();
    }
    while (work(0)) {
      Thread.onSpinWait();
    }
    for (int spins = 0; done.get() < parts; spins++) {
      if (spins < 100_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield(); // a worker lost its core; waiting hot would keep it away
      }
    }
    Throwable thrown = failure;
    failure = null;
    switch (thrown) {
      case null -> {}
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      default -> throw new IllegalStateException(thrown);
    }
  }

  /** Claims and runs one part; false if none is left. */
  private boolean work(int worker) {
    long seen = claims.get();
    if ((int) seen >= (int) (seen >>> 32)) {
      return false;
    }
    long claim = claims.getAndIncrement();
    int part = (int) claim;
    if (part >= (int) (claim >>> 32)) {
      return false;
    }
    try {
      current.run(batch, part, worker);
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      done.incrementAndGet();
    }
    return true;
  }

  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
    boolean interrupted = false;
    for (Worker worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Worker extends Thread {
    private final int number;
    private volatile boolean parked;

    Worker(int number, String name) {
      super(name);
      this.number = number;
      setDaemon(true);
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(this);
      }
    }

    private boolean idle() {
      long seen = claims.get();
      return (int) seen >= (int) (seen >>> 32) && !closed;
    }

    @Override
    public void run() {
      while (!closed) {
        while (work(number)) {
          Thread.onSpinWait();
        }
        long end = System.nanoTime() + SPIN_NANOS;
        while (idle() && System.nanoTime() < end) {
          for (int i = 0; i < 32 && idle(); i++) {
            Thread.onSpinWait();
          }
        }
        if (idle()) {
          parked = true;
          if (idle()) { // the caller looks at parked after it set claims, we the other way round:
            // one of us sees the other
            LockSupport.park(this);
          }
          parked = false;
        }
      }
    }
  }
}
