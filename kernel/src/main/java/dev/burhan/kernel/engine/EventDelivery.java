package dev.burhan.kernel.engine;

import dev.burhan.engine.Engine;
import dev.burhan.engine.EngineEvent;
import dev.burhan.engine.EngineListener;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that every change of a kernel's models passes. Whoever tells of one may hold locks:
 * listeners are called by a thread that holds none and lives as long as there is something to tell.
 */
final class EventDelivery {
  private static final Logger LOG = LoggerFactory.getLogger(EventDelivery.class);

  private final List<Told> listeners = new CopyOnWriteArrayList<>();
  private final Queue<EngineEvent> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger(); // at most what the queue holds

  private final class Told implements Engine.Listening {
    private final EngineListener listener;

    Told(EngineListener listener) {
      this.listener = listener;
    }

    void tell(EngineEvent event) {
      try {
        listener.happened(event);
      } catch (RuntimeException | LinkageError e) {
        LOG.warn("a listener failed at {}", event, e);
      }
    }

    @Override
    public void close() {
      listeners.remove(this);
    }
  }

  Engine.Listening listen(EngineListener listener) {
    Told told = new Told(listener);
    listeners.add(told);
    return told;
  }

  /** Returns at once. */
  void tell(EngineEvent event) {
    if (listeners.isEmpty()) {
      return;
    }
    queue.add(event);
    if (pending.getAndIncrement() == 0) {
      Thread.ofPlatform().daemon().name("burhan-events").start(this::deliver);
    }
  }

  private void deliver() {
    do {
      EngineEvent event = queue.remove();
      listeners.forEach(told -> told.tell(event));
    } while (pending.decrementAndGet() > 0);
  }
}
