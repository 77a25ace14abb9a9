package dev.burhan.kernel.scheduler;

import dev.burhan.engine.ModelStatistics;
import dev.burhan.kernel.observe.Observation;
import dev.burhan.kernel.threads.Uninterruptible;
import dev.burhan.provider.BurhanException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that runs a model's steps, as its scheduler says. Owns the runner of its steps. A
 * background task runs when there is no request.
 */
public final class ModelThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelThread.class);

  private StepRunner steps; // of the thread, once it runs
  private final Scheduler scheduler;
  private final Report report;
  private final Observation observation;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Request> inbox = new ArrayDeque<>(); // guarded by lock
  private final Deque<FutureTask<?>> commands = new ArrayDeque<>(); // guarded by lock
  private Optional<BackgroundTask> background = Optional.empty(); // guarded by lock
  private boolean woken; // guarded by lock
  private volatile boolean wanted; // a request came
  private volatile boolean closed; // written under lock
  private final AtomicBoolean released = new AtomicBoolean();

  /**
   * Starts the thread.
   *
   * @param model the model's name
   * @param patience how long a request waits for a backend where there is none
   * @param observation told of what it does; closed with the thread
   */
  public ModelThread(
      StepRunner steps, Sharing sharing, String model, Duration patience, Observation observation) {
    this.steps = steps;
    this.observation = observation;
    report = new Report(model, observation);
    scheduler = new Scheduler(steps, sharing, report, patience.toNanos(), System::nanoTime);
    thread = Thread.ofPlatform().daemon().name("burhan-" + model).start(this::loop);
  }

  /**
   * Queues a request.
   *
   * @throws BurhanException if the model is closed
   */
  public void submit(Request request) {
    request.waker(this::wake);
    lock.lock();
    try {
      requireOpen();
      inbox.add(request);
      wanted = true;
      signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs a task as soon as there is no request; another that waits is forgotten.
   *
   * @throws BurhanException if the model is closed
   */
  public void warmUp(WarmUpTask task) {
    submit(task);
  }

  /** As {@link #warmUp}, with any task. */
  void submit(BackgroundTask task) {
    lock.lock();
    try {
      requireOpen();
      background = Optional.of(task);
      signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Goes on with another program, between two steps; the old runner is closed.
   *
   * @param next takes over; closed with the thread from now on
   * @param copier copies a page of the old program's cache to one of the new; empty if all is to be
   *     computed again
   * @return what became of the running requests, and how long no step was run
   * @throws BurhanException if the model is closed
   */
  public Moved exchange(StepRunner next, Sharing sharing, Optional<Sequence.PageCopier> copier) {
    return call(
        () -> {
          long began = System.nanoTime();
          Scheduler.Moved moved;
          try {
            moved = scheduler.exchange(next, sharing, copier);
          } catch (RuntimeException | Error e) { // some are moved and some not
            scheduler.failAll(new BurhanException("the backend was not exchanged: " + e, e));
            throw e;
          }
          StepRunner old = steps;
          steps = next;
          old.close();
          return new Moved(moved.copied(), moved.recomputed(), System.nanoTime() - began);
        });
  }

  /** See {@link #exchange}. */
  public record Moved(int copied, int recomputed, long nanos) {}

  /** Runs no step from now on until {@link #exchange}; returns when the last one has ended. */
  public void suspend() {
    call(
        () -> {
          scheduler.suspend();
          return true;
        });
  }

  /** Has the model's thread do something between two steps. */
  private <T> T call(Supplier<T> work) {
    FutureTask<T> task = new FutureTask<>(work::get);
    lock.lock();
    try {
      requireOpen();
      commands.add(task);
      wanted = true;
      signal();
    } finally {
      lock.unlock();
    }
    try {
      // Whoever gave up waiting would free what the thread is about to take over.
      Uninterruptible.<ExecutionException>await(task::get);
      return task.resultNow();
    } catch (CancellationException e) {
      throw new BurhanException("the model is closed", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(e.getCause());
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new BurhanException("the model is closed");
    }
  }

  public ModelStatistics statistics() {
    return report.statistics();
  }

  private void wake() {
    lock.lock();
    try {
      signal();
    } finally {
      lock.unlock();
    }
  }

  private void signal() {
    woken = true;
    changed.signal();
  }

  private void loop() {
    try {
      while (!closed) {
        round();
      }
    } catch (InterruptedException e) {
      LOG.debug("the model's thread ends");
    } finally {
      end();
    }
  }

  private void round() throws InterruptedException {
    try {
      receive();
      if (scheduler.step(() -> closed)) {
        return;
      }
      Optional<BackgroundTask> task = scheduler.idle() ? takeBackground() : Optional.empty();
      if (task.isPresent()) {
        run(task.get());
      } else {
        await();
      }
    } catch (RuntimeException | Error e) { // a mistake of the engine's own: it goes on without them
      LOG.error("all requests are given up", e);
      scheduler.failAll(new BurhanException("the engine failed: " + e, e));
    }
  }

  private void receive() {
    while (true) {
      Runnable next;
      lock.lock();
      try {
        woken = false;
        next = commands.poll();
        if (next == null) {
          Request request = inbox.poll();
          next = request == null ? null : () -> scheduler.submit(request);
        }
        wanted = next != null;
      } finally {
        lock.unlock();
      }
      if (next == null) {
        return;
      }
      next.run();
    }
  }

  private Optional<BackgroundTask> takeBackground() {
    lock.lock();
    try {
      Optional<BackgroundTask> task = wanted ? Optional.empty() : background;
      if (task.isPresent()) {
        background = Optional.empty();
      }
      return task;
    } finally {
      lock.unlock();
    }
  }

  private void run(BackgroundTask task) {
    try {
      task.run(steps, () -> wanted || closed);
    } catch (RuntimeException | Error e) {
      task.fail(new BurhanException("the model failed: " + e, e));
    }
  }

  /** Waits until something changes, or a request's time is up. */
  private void await() throws InterruptedException {
    lock.lock();
    try {
      long deadline = scheduler.nextDeadline();
      while (!woken && !closed) {
        if (deadline == Long.MAX_VALUE) {
          changed.await();
        } else if (changed.awaitNanos(deadline - System.nanoTime()) <= 0) {
          return;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Fails what is left; nobody is left out. */
  private void end() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    commands.forEach(command -> command.cancel(false));
    commands.clear();
    receive();
    scheduler.close();
    background.ifPresent(task -> task.fail(new BurhanException("the model was closed")));
  }

  /** Cancels what runs, fails what waits, and ends the thread. */
  @Override
  public void close() {
    if (released.getAndSet(true)) {
      return;
    }
    lock.lock();
    try {
      closed = true;
      signal();
    } finally {
      lock.unlock();
    }
    Uninterruptible.await(thread::join);
    steps.close();
    observation.close();
  }
}
