package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads that run the programs of one backend. A model's draft head and the model itself take
 * turns: with threads of their own, those of the one would still wait hot for a next region, each
 * on a processor that the other's need.
 */
final class Workers {
  private final Map<Integer, Crew> crews = new HashMap<>(); // by number of threads

  /** Threads that wait for a program's next step; the program gives them back by closing them. */
  synchronized Crew take(int threads) {
    Crew crew = crews.computeIfAbsent(threads, Crew::new);
    crew.programs++;
    return crew;
  }

  private synchronized void give(Crew crew) {
    if (--crew.programs == 0) {
      crews.remove(crew.threads);
      crew.pool.close();
    }
  }

  /** So many threads, the caller's included, at the service of one step at a time. */
  final class Crew implements AutoCloseable {
    private final int threads;
    private final WorkerPool pool;
    private final ColdStart cold;
    private final ReentrantLock step = new ReentrantLock();
    private int programs;

    private Crew(int threads) {
      this.threads = threads;
      pool = new WorkerPool(threads, "burhan");
      cold = new ColdStart(pool, threads, Runtime.getRuntime().availableProcessors());
    }

    /** Begins a step of the caller's; waits for the end of another program's. */
    void begin() {
      step.lock();
      cold.begin();
    }

    /** Runs a region of the step that the caller began. */
    void run(StepRegion region, Batch batch) {
      int parts = region.prepare(batch);
      if (region.little()) {
        WorkerPool.runAlone(region, batch, parts);
      } else {
        pool.run(region, batch, parts);
      }
      cold.advance();
    }

    /** Ends the caller's step. */
    void end() {
      step.unlock();
    }

    @Override
    public void close() {
      give(this);
    }
  }
}
