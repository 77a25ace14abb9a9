package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;
import dev.burhan.kernel.threads.Uninterruptible;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads made for thousands of short parallel regions a second: the caller works too (as worker
 * 0), the others spin before they park, and nothing is allocated for a region. One region at a
 * time.
 *
 * <p>Each worker has a share of the parts of its own, the same in every region of so many parts:
 * what it touched stays in its cache and its memory. It claims them one by one, by a counter that
 * nobody else writes as long as all keep pace; a worker that is done takes from the others' shares,
 * so that unequal parts, and a worker that lost its core, hold nobody up.
 *
 * <p>Invariant: a claim holds the end of a share in its upper and the next free part in its lower
 * half. Whoever increments it and finds a part below the end owns that part, and the region can't
 * end before it is counted as done; so {@code region} is then the one that the part belongs to.
 */
final class WorkerPool implements AutoCloseable {
  /** How long a worker waits for the next region before it parks: some steps' sampling. */
  static final long SPIN_NANOS = 200_000;

  /** Tries before the core is offered to other threads: some 10 to 30 microseconds. */
  private static final int HOT_SPINS = 1000;

  /** Numbers that two cache lines hold: the prefetcher fetches lines in pairs. */
  private static final int STRIDE = 16;

  private final long spinNanos;
  private final Worker[] workers;

  /**
   * On cache lines of their own: each worker's claim, then how many parts the others than the
   * caller have done, then the number of regions so far.
   */
  private final AtomicLongArray shared;

  private final int threads;
  private final int done;
  private final int count;

  // Written before the claims, read after one was made.
  private Region region;
  private Batch batch;

  private volatile int most; // workers that take part

  private volatile Throwable failure;
  private volatile boolean closed;

  /** Work that is cut into parts. */
  interface Region {
    /** Part {@code part} on worker {@code worker}. */
    void run(Batch batch, int part, int worker);
  }

  WorkerPool(int threads, String name) {
    this(threads, name, SPIN_NANOS);
  }

  /**
   * Starts the threads.
   *
   * @param threads workers in all, the caller included
   * @param spinNanos how long a worker waits for the next region before it parks
   */
  WorkerPool(int threads, String name, long spinNanos) {
    this.threads = threads;
    most = threads;
    this.spinNanos = spinNanos;
    done = (threads + 1) * STRIDE;
    count = (threads + 2) * STRIDE;
    shared = new AtomicLongArray((threads + 4) * STRIDE);
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1, name + "-worker-" + (i + 1));
    }
    for (Worker worker : workers) {
      worker.start();
    }
  }

  /** Lets only so many workers take part in the regions that follow, the caller being the first. */
  void limit(int workers) {
    most = Math.clamp(workers, 1, threads);
  }

  /**
   * Runs all parts and returns when they are done. A part's exception is thrown here, after the
   * others ended.
   */
  void run(Region work, Batch of, int parts) {
    int available = most;
    if (parts <= 1 || available == 1) {
      runAlone(work, of, parts);
      return;
    }
    region = work;
    batch = of;
    shared.setPlain(done, 0);
    int team = Math.min(available, parts);
    for (int worker = 0; worker < team; worker++) {
      shared.setRelease(claim(worker), share(parts, team, worker));
    }
    shared.getAndIncrement(count);
    for (int worker = 1; worker < team; worker++) {
      workers[worker - 1].wake();
    }
    int others = parts - ownThenOthers(0);
    for (int spins = 0; shared.get(done) < others; spins++) {
      if (spins < HOT_SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield(); // a worker lost its core; waiting hot would keep it away
      }
    }
    if (failure != null) {
      rethrow();
    }
  }

  /** Runs all parts on the caller. */
  static void runAlone(Region work, Batch of, int parts) {
    for (int part = 0; part < parts; part++) {
      work.run(of, part, 0);
    }
  }

  private static long share(int parts, int team, int worker) {
    long first = (long) parts * worker / team;
    long end = (long) parts * (worker + 1) / team;
    return end << 32 | first;
  }

  private static int claim(int worker) {
    return (worker + 1) * STRIDE;
  }

  private void rethrow() {
    Throwable thrown = failure;
    failure = null;
    switch (thrown) {
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      default -> throw new IllegalStateException(thrown);
    }
  }

  /** Runs what is left of the worker's own share, then of the others'; returns how many parts. */
  private int ownThenOthers(int worker) {
    int ran = 0;
    for (int i = 0; i < threads; i++) {
      int owner = worker + i < threads ? worker + i : worker + i - threads;
      int ofOwner = work(owner, worker);
      if (ofOwner > 0 && worker != 0) {
        shared.getAndAdd(done, ofOwner);
      }
      ran += ofOwner;
    }
    return ran;
  }

  private int work(int owner, int worker) {
    int ran = 0;
    while (left(shared.get(claim(owner)))) {
      long claimed = shared.getAndIncrement(claim(owner));
      if (!left(claimed)) {
        break;
      }
      try {
        region.run(batch, (int) claimed, worker);
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      ran++;
    }
    return ran;
  }

  private static boolean left(long claim) {
    return (int) claim < (int) (claim >>> 32);
  }

  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
    for (Worker worker : workers) {
      Uninterruptible.await(worker::join);
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

    @Override
    public void run() {
      long seen = 0;
      while (!closed) {
        seen = await(seen);
        if (number < most) {
          ownThenOthers(number);
        }
      }
    }

    /** Waits for another region than the {@code seen}-th, and returns its number. */
    private long await(long seen) {
      for (int spins = 0; spins < HOT_SPINS; spins++) {
        if (shared.get(count) != seen) {
          return shared.get(count);
        }
        Thread.onSpinWait();
      }
      long end = System.nanoTime() + spinNanos;
      while (shared.get(count) == seen && !closed) {
        if (System.nanoTime() < end) {
          Thread.yield(); // at no cost if no other thread wants the core
        } else {
          park(seen);
        }
      }
      return shared.get(count);
    }

    private void park(long seen) {
      parked = true;
      // The caller looks at parked after it counted the region, we the other way round: one of us
      // sees the other.
      if (shared.get(count) == seen && !closed) {
        LockSupport.park(this);
      }
      parked = false;
    }
  }
}
