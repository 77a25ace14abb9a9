package dev.burhan.server;

import dev.burhan.engine.Engine;
import dev.burhan.engine.EngineEvent.Change;
import dev.burhan.engine.EngineEvent.Failed;
import dev.burhan.engine.EngineEvent.Replaced;
import dev.burhan.engine.LoadedModel;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.server.meters.Meters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The models that a server serves, by the ids that requests name. They are loaded, unloaded and
 * replaced while requests run: each request holds a lease of its model, and a model that is to go
 * is closed when the last one ends, or when the time for that is over. One change of an id at a
 * time.
 */
final class ServedModels implements AutoCloseable {
  private final Engine engine;
  private final Meters meters;
  private final Map<String, Slot> serving = new LinkedHashMap<>(); // guarded by this
  private final List<Slot> leaving = new ArrayList<>(); // guarded by this
  private final Map<String, Doing> changing = new HashMap<>(); // guarded by this
  private boolean closed; // guarded by this

  /** What goes on with an id. */
  enum Doing {
    LOADING,
    UNLOADING,
    REPLACING
  }

  /** A model and who uses it. */
  private static final class Slot {
    final ServedModel model;
    final Asked asked;
    int leases; // guarded by the outer object
    boolean brokenOff; // guarded by the outer object

    Slot(ServedModel model, Asked asked) {
      this.model = model;
      this.asked = asked;
    }
  }

  /**
   * A model as an operator sees it.
   *
   * @param requests that are being answered
   * @param leaving whether it is closed as soon as they are
   */
  record Listed(ServedModel model, Asked asked, int requests, boolean leaving) {}

  /** A model that is not closed before this is, unless its time is over. */
  final class Lease implements AutoCloseable {
    private final Slot slot;

    private Lease(Slot slot) {
      this.slot = slot;
    }

    ServedModel model() {
      return slot.model;
    }

    /** Whether the model was closed although this lease goes on: what it answers is cancelled. */
    boolean brokenOff() {
      synchronized (ServedModels.this) {
        return slot.brokenOff;
      }
    }

    @Override
    public void close() {
      synchronized (ServedModels.this) {
        slot.leases--;
        ServedModels.this.notifyAll();
      }
    }
  }

  /**
   * Serves nothing yet.
   *
   * @param meters told of each model
   */
  ServedModels(Engine engine, Meters meters) {
    this.engine = engine;
    this.meters = meters;
  }

  /**
   * A model for one request.
   *
   * @throws ApiError if there is none of that id, or not yet
   */
  synchronized Lease lease(String id) {
    Slot slot = serving.get(id);
    if (slot == null) {
      if (changing.getOrDefault(id, Doing.UNLOADING) != Doing.UNLOADING) {
        throw ApiError.unavailable(
            "model_loading",
            "The model '%s' is being loaded; try again later.".formatted(id),
            Serving.RETRY_AFTER_SECONDS);
      }
      throw unknown(id);
    }
    slot.leases++;
    return new Lease(slot);
  }

  private ApiError unknown(String id) {
    return ApiError.invalid(
        404,
        "model_not_found",
        "model",
        serving.isEmpty()
            ? "The model '%s' does not exist; this server has none at present.".formatted(id)
            : "The model '%s' does not exist; this server has '%s'."
                .formatted(id, String.join("', '", serving.keySet())));
  }

  /** Those that requests can name, the first loaded first. */
  synchronized List<ServedModel> all() {
    return serving.values().stream().map(slot -> slot.model).toList();
  }

  /** All that are in memory, those that are about to go last. */
  synchronized List<Listed> listed() {
    List<Listed> all = new ArrayList<>();
    serving.values().forEach(slot -> all.add(listed(slot, false)));
    leaving.forEach(slot -> all.add(listed(slot, true)));
    return all;
  }

  private static Listed listed(Slot slot, boolean leaving) {
    return new Listed(slot.model, slot.asked, slot.leases, leaving);
  }

  /**
   * Loads a model beside the others; requests can name it when this returns.
   *
   * @throws ApiError if the id is taken
   * @throws BurhanException if it can't be loaded, has no chat template, or does not fit
   */
  ServedModel load(Asked asked, Progress progress) {
    begin(asked.id(), Doing.LOADING);
    try {
      Slot slot = open(asked, progress);
      show(slot);
      return slot.model;
    } finally {
      end(asked.id());
    }
  }

  /**
   * Serves a model no more: no request finds it from now on, those that run have some time to end.
   *
   * @return how many were broken off
   * @throws ApiError if there is no such model
   */
  int unload(String id, Duration drain) throws InterruptedException {
    begin(id, Doing.UNLOADING);
    try {
      return retire(hide(id), drain);
    } finally {
      end(id);
    }
  }

  /**
   * What came of replacing a model.
   *
   * @param brokenOff requests on the old one that did not end in time
   */
  record Replacement(ServedModel model, int brokenOff) {}

  /**
   * Puts another checkpoint, or the same one read anew, in a model's place. It is loaded beside the
   * old one, which serves until then and for ever if that fails; then requests go to the new one,
   * and those that run end on the old one.
   *
   * @param others options that differ from the old one's
   * @param inPlace the old one goes first, and requests are refused meanwhile: for what does not
   *     fit beside it. If loading fails, the old one is loaded again
   */
  Replacement replace(
      String id,
      Map<String, List<String>> others,
      boolean inPlace,
      Duration drain,
      Progress progress)
      throws InterruptedException {
    begin(id, Doing.REPLACING);
    try {
      Asked old = asked(id);
      Asked asked = old.with(others);
      asked.request(); // throws before anything is touched
      int brokenOff = 0;
      if (inPlace) {
        brokenOff = retire(hide(id), drain);
      }
      Slot next;
      try {
        next = open(asked, progress);
      } catch (RuntimeException | Error e) {
        engine.tell(new Failed(id, Change.REPLACE, String.valueOf(e.getMessage())));
        if (inPlace) {
          restore(old, e);
        }
        throw e;
      }
      Slot before = show(next);
      engine.tell(new Replaced(id, old.model(), asked.model()));
      if (before != null) {
        brokenOff = retire(before, drain);
      }
      return new Replacement(next.model, brokenOff);
    } finally {
      end(id);
    }
  }

  private void restore(Asked old, Throwable cause) {
    try {
      show(open(old, Progress.NONE));
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  private synchronized Asked asked(String id) {
    return serving.get(id).asked;
  }

  /** Begins a change of an id that none goes on with. */
  private synchronized void begin(String id, Doing doing) {
    if (changing.containsKey(id)) {
      throw ApiError.invalid(
          409,
          "model_changing",
          "name",
          "The model '%s' is %s at present; try again later."
              .formatted(
                  id,
                  switch (changing.get(id)) {
                    case LOADING -> "being loaded";
                    case UNLOADING -> "being unloaded";
                    case REPLACING -> "being replaced";
                  }));
    }
    if (doing == Doing.LOADING && serving.containsKey(id)) {
      throw ApiError.invalid(
          409,
          "model_exists",
          "name",
          "There is a model '%s' already; replace it, or give this one another name."
              .formatted(id));
    }
    if (doing != Doing.LOADING && !serving.containsKey(id)) {
      throw unknown(id);
    }
    changing.put(id, doing);
  }

  private synchronized void end(String id) {
    changing.remove(id);
  }

  private Slot open(Asked asked, Progress progress) {
    LoadedModel loaded = engine.load(asked.request(), progress);
    try {
      ServedModel model = ServedModel.of(asked.id(), loaded);
      model.rehearse();
      return new Slot(model, asked);
    } catch (RuntimeException | Error e) {
      loaded.close();
      throw e;
    }
  }

  /** Requests find it from now on; what they found before is about to go. */
  private Slot show(Slot slot) {
    synchronized (this) {
      if (!closed) {
        meters.serve(slot.asked.id(), slot.model.loaded());
        Slot before = serving.put(slot.asked.id(), slot);
        if (before != null) {
          leaving.add(before);
        }
        return before;
      }
    }
    slot.model.loaded().close();
    throw new BurhanException("the server ended while '" + slot.asked.id() + "' was being loaded");
  }

  private synchronized Slot hide(String id) {
    Slot slot = serving.remove(id);
    leaving.add(slot);
    return slot;
  }

  /** Waits until nobody uses a model, or until the time is over, and closes it. */
  private int retire(Slot slot, Duration drain) throws InterruptedException {
    int left = 0;
    try {
      awaitUnused(slot, drain);
    } finally {
      synchronized (this) {
        leaving.remove(slot);
        left = slot.leases;
        slot.brokenOff = left > 0;
      }
      close(slot);
    }
    return left;
  }

  private synchronized void awaitUnused(Slot slot, Duration drain) throws InterruptedException {
    long end = System.nanoTime() + drain.toNanos();
    while (slot.leases > 0 && !closed) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return;
      }
      wait(Math.max(1, left / 1_000_000));
    }
  }

  private void close(Slot slot) {
    slot.model.loaded().close(); // the meters' last look is at what came of its last requests
    meters.gone(slot.asked.id(), slot.model.loaded());
  }

  /** Closes all; what they answer is cancelled. */
  @Override
  public void close() {
    Set<String> ids;
    List<Slot> all = new ArrayList<>();
    synchronized (this) {
      closed = true;
      ids = new TreeSet<>(serving.keySet());
      ids.forEach(id -> all.add(serving.remove(id)));
      all.addAll(leaving);
      notifyAll();
    }
    all.forEach(this::close);
  }
}
