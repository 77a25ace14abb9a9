package dev.burhan.kernel.engine;

import dev.burhan.backend.KvPages;
import dev.burhan.engine.EngineEvent;
import dev.burhan.engine.EngineEvent.Change;
import dev.burhan.engine.EngineEvent.Exchanged;
import dev.burhan.engine.EngineEvent.Failed;
import dev.burhan.engine.EngineEvent.Replanned;
import dev.burhan.engine.EngineEvent.Resumed;
import dev.burhan.engine.EngineEvent.Suspended;
import dev.burhan.engine.Exchange;
import dev.burhan.kernel.scheduler.ModelThread;
import dev.burhan.kernel.scheduler.Sequence;
import dev.burhan.kernel.scheduler.WarmUpTask;
import dev.burhan.model.ModelGraph;
import dev.burhan.model.ModelInfo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backend that a loaded model runs on, which may be exchanged while its requests run, come and
 * go.
 */
final class LiveBackend {
  private static final Logger LOG = LoggerFactory.getLogger(LiveBackend.class);

  /**
   * What a backend is given that has run this model before: its code is warm, its pages are not.
   */
  private static final Duration WARM_AGAIN = Duration.ofSeconds(1);

  private final String model;
  private final ModelCompiler compiler;
  private final BackendSelection selection;
  private final ModelThread thread;
  private final EventDelivery events;
  private final Supplier<Optional<String>> configuration;
  private final ReentrantLock exchanging = new ReentrantLock();
  private ModelGraph graph; // what is compiled next; guarded by exchanging
  private Optional<String> wanted; // the backend that was asked for; guarded by exchanging
  private boolean named; // by whoever loaded the model, or an operator; guarded by exchanging
  private final Set<String> warm =
      new HashSet<>(); // providers that have run it; guarded by exchanging
  private boolean away; // its backend is gone, and compiled is closed; guarded by exchanging
  private volatile Compiled compiled;
  private volatile boolean closed;

  /**
   * Which backend is wanted when a model is loaded.
   *
   * @param backend empty for the best
   * @param named whether who loaded it asked, so that a configuration changes nothing
   * @param configuration the backend that is configured at the time; empty for the best
   */
  record Wish(Optional<String> backend, boolean named, Supplier<Optional<String>> configuration) {}

  /**
   * A backend that runs a model already.
   *
   * @param model the model's name
   * @param wish the backend that was asked for
   * @param thread runs what was compiled
   * @param events told of each exchange
   */
  LiveBackend(
      String model,
      Wish wish,
      ModelCompiler compiler,
      BackendSelection selection,
      Compiled compiled,
      ModelThread thread,
      EventDelivery events) {
    this.model = model;
    this.wanted = wish.backend();
    this.named = wish.named();
    this.configuration = wish.configuration();
    this.compiler = compiler;
    this.selection = selection;
    this.compiled = compiled;
    warm.addAll(compiled.providers());
    this.graph = compiled.model();
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
      Optional<String> next = backend.or(configuration);
      Exchange told = goOn(graph, next, recompute, Exchanged::new);
      wanted = next;
      named = backend.isPresent();
      return told;
    } catch (BurhanException e) {
      failed(Change.EXCHANGE, e);
      throw e;
    } finally {
      exchanging.unlock();
    }
  }

  private Exchange goOn(
      ModelGraph from,
      Optional<String> backend,
      boolean recompute,
      BiFunction<String, Exchange, EngineEvent> event) {
    if (closed) {
      throw new BurhanException("the model is closed");
    }
    Compiled old = compiled;
    if (away) {
      thread.suspend(); // the patience of those that wait begins anew while it is got ready
    }
    Compiled next = compiler.compile(from, backend, Progress.NONE, _ -> {});
    boolean taken = false;
    try {
      if (!away) { // else requests wait, and cold kernels are better than none
        boolean known = warm.containsAll(next.providers());
        new WarmUpTask(known ? WARM_AGAIN : WarmUpTask.MOST).run(next.steps(), () -> closed);
      }
      ModelThread.Moved moved =
          thread.exchange(next.steps(), next.sharing(), copier(old, next, recompute || away));
      taken = true;
      compiled = next;
      warm.addAll(next.providers());
      graph = from;
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
      events.tell(away ? new Resumed(model, told) : event.apply(model, told));
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
        goOn(graph, wanted, false, Exchanged::new);
      }
    } catch (BurhanException e) {
      LOG.warn("{} does not run on {}: {}", model, name, e.getMessage());
      failed(Change.EXCHANGE, e);
    } finally {
      exchanging.unlock();
    }
  }

  /** Another backend is configured: the model goes on with it, unless somebody named one. */
  void configured(Optional<String> backend) {
    exchanging.lock();
    try {
      if (closed || named || wanted.equals(backend)) {
        return;
      }
      goOn(graph, backend, false, Exchanged::new);
      wanted = backend;
    } catch (BurhanException e) {
      LOG.error("{} does not run on the configured backend: {}", model, e.getMessage());
      failed(Change.EXCHANGE, e);
    } finally {
      exchanging.unlock();
    }
  }

  /** A backend goes: the model goes on with the best of the others, or waits for one. */
  void left(String name) {
    exchanging.lock();
    try {
      warm.remove(name); // one of the same name is other code
      if (closed || away || !compiled.providers().contains(name)) {
        return;
      }
      if (wanted.isEmpty()) {
        try {
          goOn(graph, wanted, false, Exchanged::new);
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

  /**
   * The model's graph is written anew, and the model goes on with it. If that can't be, it runs on
   * as before.
   *
   * @param writer writes it from the model's open checkpoint; empty if there is no need
   */
  void replan(Supplier<Optional<ModelGraph>> writer) {
    exchanging.lock();
    try {
      Optional<ModelGraph> written = closed ? Optional.empty() : writer.get();
      if (written.isEmpty()) {
        return;
      }
      requireAlike(written.get().info());
      if (away) {
        graph = written.get(); // for the backend that comes
      } else {
        String architecture = written.get().info().architecture();
        goOn(written.get(), wanted, false, (name, told) -> new Replanned(name, architecture, told));
        LOG.info("{} goes on with its graph written anew", model);
      }
    } catch (RuntimeException | LinkageError e) { // whatever a stranger's bundle does
      LOG.warn("{} goes on with the graph that it had", model, e);
      failed(Change.REPLAN, e);
    } finally {
      exchanging.unlock();
    }
  }

  /** Requests that run were checked against the old graph's bounds. */
  private void requireAlike(ModelInfo next) {
    ModelInfo now = compiled.model().info();
    if (next.vocabulary() != now.vocabulary() || next.context() < now.context()) {
      throw new BurhanException(
          "the new graph has a vocabulary of %d and a context of %d tokens, expected those of the old one, %d and %d; load the model anew"
              .formatted(next.vocabulary(), next.context(), now.vocabulary(), now.context()));
    }
  }

  private void failed(Change change, Throwable cause) {
    events.tell(new Failed(model, change, String.valueOf(cause.getMessage())));
  }

  /**
   * Copies pages by way of their canonical form, where the two caches hold the same things: of two
   * graphs that differ, nobody can tell.
   */
  private static Optional<Sequence.PageCopier> copier(
      Compiled old, Compiled next, boolean recompute) {
    KvPages from = old.program().pages();
    KvPages to = next.program().pages();
    int caches = old.program().plan().graph().caches().size();
    boolean alike =
        !recompute
            && old.model().graph().equals(next.model().graph())
            && from.tokensPerPage() == to.tokensPerPage()
            && IntStream.range(0, caches)
                .allMatch(cache -> from.canonicalBytes(cache) == to.canonicalBytes(cache));
    if (!alike) {
      return Optional.empty();
    }
    long most = IntStream.range(0, caches).mapToLong(from::canonicalBytes).max().orElse(0);
    // Once for all pages, as most of the pause would else be fresh memory; of the collector, since
    // the model's thread uses it and another one makes it.
    MemorySegment form = Arena.ofAuto().allocate(most, Float.BYTES);
    return Optional.of(
        (page, own) -> {
          for (int cache = 0; cache < caches; cache++) {
            from.save(page, cache, form);
            to.load(own, cache, form);
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
