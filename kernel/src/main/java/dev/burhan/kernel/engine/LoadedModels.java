package dev.burhan.kernel.engine;

import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.engine.LoadedModel;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.provider.Provider;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The models of one kernel that are loaded, which follow the backends and architectures that come
 * and go.
 */
public final class LoadedModels {
  private final List<EngineModel> models = new CopyOnWriteArrayList<>();
  private final EventDelivery events = new EventDelivery();

  /** Told of all that changes. */
  EventDelivery events() {
    return events;
  }

  void add(EngineModel model) {
    models.add(model);
  }

  void remove(EngineModel model) {
    models.remove(model);
  }

  List<LoadedModel> all() {
    return List.copyOf(models);
  }

  private static boolean runsModels(Provider provider) {
    return provider instanceof BackendProvider || provider instanceof HostKernelsProvider;
  }

  /**
   * A provider is there from now on. Models that wait for it, or for any, go on with it, and so do
   * those whose graph it writes, on a thread of their own: it takes a while.
   */
  public void came(Provider provider) {
    if (runsModels(provider)) {
      each(model -> model.backendCame(provider.name()));
    } else if (provider instanceof ModelArchitecture) {
      each(model -> model.architectureCame(now -> now == provider));
    }
  }

  private void each(Consumer<EngineModel> change) {
    for (EngineModel model : models) {
      Thread.ofPlatform().daemon().name("burhan-exchange").start(() -> change.accept(model));
    }
  }

  /**
   * The backend that is configured is another one from now on. Models for which nobody named one go
   * on with it, on a thread of their own.
   *
   * @param backend empty for the best
   */
  public void configured(Optional<String> backend) {
    for (EngineModel model : models) {
      Thread.ofPlatform()
          .daemon()
          .name("burhan-exchange")
          .start(() -> model.backendConfigured(backend));
    }
  }

  /**
   * A provider is about to go, and is in no registry any more. Returns when no model runs on it:
   * they go on with the best one left, or wait. Of an architecture they need no more than the graph
   * that it wrote, which holds nothing of its bundle's.
   */
  public void left(Provider provider) {
    if (runsModels(provider)) {
      models.forEach(model -> model.backendLeft(provider.name()));
    }
  }
}
