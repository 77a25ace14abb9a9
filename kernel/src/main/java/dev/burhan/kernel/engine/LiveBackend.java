package dev.burhan.kernel.engine;

import dev.burhan.backend.KvPages;
import dev.burhan.engine.EngineEvent.Change;
import dev.burhan.engine.EngineEvent.Exchanged;
import dev.burhan.engine.EngineEvent.Failed;
import dev.burhan.engine.EngineEvent.Resumed;
import dev.burhan.engine.EngineEvent.Suspended;
import dev.burhan.engine.Exchange;
import dev.burhan.kernel.scheduler.ModelThread;
import dev.burhan.kernel.scheduler.Sequence;
import dev.burhan.kernel.scheduler.WarmUpTask;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backend that a loaded model runs on, which may be exchanged while its requests run, come and
 * go.
 */
final class LiveBackend {
  private static final Logger LOG = LoggerFactory.getLogger(LiveBackend.class);

  private final String model;
  private final ModelCompiler compiler;
  private final BackendSelection selection;
  private final ModelThread thread;
  private final EventDelivery events;
  private final ReentrantLock exchanging = new ReentrantLock();
  private Optional<String> wanted; // the backend that was asked for; guarded by exchanging
  private boolean away; // its backend is gone, and compiled is closed; guarded by exchanging
  private volatile Compiled compiled;
  private volatile boolean closed;

  /**
   * A backend that runs a model already.
   *
   * @param model the model's name
   * @param wanted the backend that was asked for; empty for the best
   * @param thread runs what was compiled
   * @param events told of each exchange
   */
  LiveBackend(
      String model,
      Optional<String> wanted,
      ModelCompiler compiler,
      BackendSelection selection,
      Compiled compiled,
      ModelThread thread,
      EventDelivery events) {
    this.model = model;
    this.wanted = wanted;
    this.compiler = compiler;
    this.selection = selection;
    this.compiled = compiled;
    this.thread = thread;
    this.events = events;
  }

  /** What runs the model now, or did last where its backend is gone. */
  Compiled compiled() {
    return compiled;
  }

  /** See {@link dev.burhan.engine.LoadedModel#exchange}. */
  Exchange exchange(Optional<String> backend, boolean recompute) throws InterruptedException {
    exchanging.lockInterruptibly();
    try {
      Exchange told = goOn(backend, recompute);
      wanted = backend;
      return told;
    } catch (BurhanException e) {
      failed(e);
      throw e;
    } finally {
      exchanging.unlock();
    }
  }

  private Exchange goOn(Optional<String> backend, boolean recompute) {
    if (closed) {
      throw new BurhanException("the model is closed");
    }
    Compiled old = compiled;
    Compiled next = compiler.compile(backend, Progress.NONE);
    boolean taken = false;
    try {
      new WarmUpTask().run(next.steps(), () -> closed);
      ModelThread.Moved moved =
          thread.exchange(next.steps(), next.sharing(), copier(old, next, recompute || away));
      taken = true;
      compiled = next;
      if (!away) {
        old.close();
      }
      LOG.info(
          "{} runs on {} now, on {} before: {}",
          model,
          next.backendName(),
          old.backendName(),
          moved);
      Exchange told =
          new Exchange(
              old.backendName(),
              next.backendName(),
              moved.copied(),
              moved.recomputed(),
              moved.nanos());
      events.tell(away ? new Resumed(model, told) : new Exchanged(model, told));
      away = false;
      return told;
    } finally {
      if (!taken) {
        next.steps().close();
        next.close();
      }
    }
  }

  /**
   * A backend is there that was not: the model takes it if it waits for it, or if it is the best.
   */
  void came(String name) {
    exchanging.lock();
    try {
      boolean may =
          wanted.isEmpty() || wanted.get().equals(name) || compiled.providers().contains(name);
      boolean better =
          !away
              && wanted.isEmpty()
              && !compiled.backendName().equals(name)
              && selection.best().filter(best -> best.name().equals(name)).isPresent();
      if (!closed && (away ? may : better)) {
        goOn(wanted, false);
      }
    } catch (BurhanException e) {
      LOG.warn("{} does not run on {}: {}", model, name, e.getMessage());
      failed(e);
    } finally {
      exchanging.unlock();
    }
  }

  /** A backend goes: the model goes on with the best of the others, or waits for one. */
  void left(String name) {
    exchanging.lock();
    try {
      if (closed || away || !compiled.providers().contains(name)) {
        return;
      }
      if (wanted.isEmpty()) {
        try {
          goOn(wanted, false);
          return;
        } catch (BurhanException e) {
          LOG.warn("{} has no backend left: {}", model, e.getMessage());
        }
      }
      thread.suspend();
      away = true;
      compiled.close();
      LOG.warn("{} waits for a backend, {} went", model, name);
      events.tell(new Suspended(model, compiled.backendName()));
    } catch (BurhanException e) {
      LOG.debug("{} is closed", model, e);
    } finally {
      exchanging.unlock();
    }
  }

  private void failed(BurhanException cause) {
    events.tell(new Failed(model, Change.EXCHANGE, String.valueOf(cause.getMessage())));
  }

  /** Copies pages by way of their canonical form, where the two caches hold the same things. */
  private static Optional<Sequence.PageCopier> copier(
      Compiled old, Compiled next, boolean recompute) {
    KvPages from = old.program().pages();
    KvPages to = next.program().pages();
    int caches = old.program().plan().graph().caches().size();
    boolean alike =
        !recompute
            && from.tokensPerPage() == to.tokensPerPage()
            && IntStream.range(0, caches)
                .allMatch(cache -> from.canonicalBytes(cache) == to.canonicalBytes(cache));
    if (!alike) {
      return Optional.empty();
    }
    return Optional.of(
        (page, own) -> {
          try (Arena arena = Arena.ofConfined()) {
            for (int cache = 0; cache < caches; cache++) {
              MemorySegment form = arena.allocate(from.canonicalBytes(cache), Float.BYTES);
              from.save(page, cache, form);
              to.load(own, cache, form);
            }
          }
        });
  }

  /** The model is about to be closed: an exchange that has begun is given up. */
  void closing() {
    closed = true;
  }

  /** Frees what runs; the model's thread has ended. */
  void close() {
    exchanging.lock(); // an exchange that has begun ends, as the thread is closed
    try {
      if (!away) {
        compiled.close();
      }
    } finally {
      exchanging.unlock();
    }
  }
}
