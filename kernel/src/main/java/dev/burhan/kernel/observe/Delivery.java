package dev.burhan.kernel.observe;

import dev.burhan.engine.EngineObserver;
import dev.burhan.engine.RequestFigures;
import dev.burhan.engine.StepFigures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A bounded queue of figures, and the thread that tells observers of them. */
final class Delivery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  /** Some seconds of the steps of a small model. */
  static final int CAPACITY = 1024;

  /**
   * After each batch observers are left alone for so long: to wake their thread at each step takes
   * the model's thread 40 microseconds where processors are busy, to find it awake less than one.
   */
  private static final Duration PAUSE = Duration.ofMillis(50);

  private static final Object END = new Object();

  private final String model;
  private final Supplier<List<EngineObserver>> observers;
  private final BlockingQueue<Object> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final AtomicLong dropped = new AtomicLong();
  private final Object state = new Object();
  private volatile boolean started; // written under state
  private volatile boolean closed; // written under state

  Delivery(String model, Supplier<List<EngineObserver>> observers) {
    this.model = model;
    this.observers = observers;
  }

  /** Queues {@link StepFigures} or {@link RequestFigures} if there is room. */
  void offer(Object figures) {
    if (closed) {
      return;
    }
    if (!started) {
      start();
    }
    if (!queue.offer(figures)) {
      dropped.incrementAndGet();
    }
  }

  long dropped() {
    return dropped.get();
  }

  private void start() {
    synchronized (state) {
      if (!started && !closed) {
        Thread.ofPlatform().daemon().name("burhan-observers-" + model).start(this::loop);
        started = true;
      }
    }
  }

  private void loop() {
    List<Object> batch = new ArrayList<>();
    long told = 0; // of those that were dropped
    try {
      while (true) {
        batch.add(queue.take());
        queue.drainTo(batch);
        List<EngineObserver> present = observers.get();
        for (Object figures : batch) {
          if (figures == END) {
            return;
          }
          present.forEach(observer -> tell(observer, figures));
        }
        batch.clear();
        long now = dropped.get();
        if (now != told) {
          LOG.warn("observers of {} are slow: {} figures were dropped in all", model, now);
          told = now;
        }
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      LOG.debug("the thread of {}'s observers ends", model);
    }
  }

  private static void tell(EngineObserver observer, Object figures) {
    try {
      switch (figures) {
        case StepFigures step -> observer.stepped(step);
        case RequestFigures request -> observer.ended(request);
        default -> throw new IllegalStateException("unknown figures " + figures);
      }
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("the observer {} failed", observer.name(), e);
    }
  }

  @Override
  public void close() {
    synchronized (state) {
      if (closed) {
        return;
      }
      closed = true;
      if (!started) {
        return;
      }
    }
    while (!queue.offer(END)) {
      if (queue.poll() != null) { // room for the end: nobody waits for a slow observer
        dropped.incrementAndGet();
      }
    }
  }
}
