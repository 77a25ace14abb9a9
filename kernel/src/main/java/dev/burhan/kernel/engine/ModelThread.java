package dev.burhan.kernel.engine;

import dev.burhan.provider.BurhanException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that runs a model's steps: takes tasks in the order in which they came. Owns the
 * runner of its steps.
 */
final class ModelThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelThread.class);

  private final StepRunner steps;
  private final LinkedBlockingQueue<Task> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final Object state = new Object();
  private Task running; // guarded by state
  private boolean closed; // guarded by state

  ModelThread(StepRunner steps, String name) {
    this.steps = steps;
    thread = Thread.ofPlatform().daemon().name("burhan-" + name).start(this::loop);
  }

  /**
   * Queues a task.
   *
   * @throws BurhanException if the model is closed
   */
  void submit(Task task) {
    synchronized (state) {
      if (closed) {
        throw new BurhanException("the model is closed");
      }
      if (running != null && running.yields()) {
        running.cancel();
      }
      queue.add(task);
    }
  }

  private void loop() {
    try {
      while (true) {
        Task task = queue.take();
        synchronized (state) {
          if (closed) {
            queue.add(task);
            return;
          }
          running = task;
          if (task.yields() && !queue.isEmpty()) {
            task.cancel();
          }
        }
        run(task);
      }
    } catch (InterruptedException e) {
      LOG.debug("the model's thread ends");
    }
  }

  private void run(Task task) {
    try {
      task.run(steps);
    } catch (BurhanException e) {
      task.fail(e);
    } catch (RuntimeException | Error e) {
      LOG.error("a step failed", e);
      task.fail(new BurhanException("the model failed: " + e, e));
    } finally {
      synchronized (state) {
        running = null;
      }
    }
  }

  /** Cancels what runs, fails what waits, and ends the thread. */
  @Override
  public void close() {
    synchronized (state) {
      if (closed) {
        return;
      }
      closed = true;
      if (running != null) {
        running.cancel();
      }
    }
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    List<Task> waiting = new ArrayList<>();
    queue.drainTo(waiting);
    waiting.forEach(
        task -> task.fail(new BurhanException("the model was closed before the request ran")));
    steps.close();
  }
}
