package dev.burhan.kernel.engine;

import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.backend.Plan;
import dev.burhan.engine.LoadRequest;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.registry.ProviderRegistry;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Probe;
import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What selection finds, told step by step: all backends, and which one is taken and why. */
public final class BackendReview {
  private final Host host;
  private final BackendSelection selection;

  public BackendReview(Host host) {
    this.host = host;
    this.selection = new BackendSelection(host);
  }

  /**
   * One backend.
   *
   * @param whole whether it runs whole graphs; else it is a library of host kernels
   * @param selectable whether it may be taken when nobody names it
   * @param partial whether it has a part of the ops only
   * @param detail what was found, or why it is unusable
   * @param onModel how it would run the model that was asked about
   */
  public record Entry(
      String name,
      boolean whole,
      int rank,
      boolean usable,
      boolean selectable,
      boolean partial,
      String detail,
      Optional<OnModel> onModel) {}

  /**
   * How a backend would run a model.
   *
   * @param numerics what is promised about bits; empty if it can't be opened
   * @param weightBytes bytes of all weights
   * @param refusals why it can't, one reason each; empty if it can
   */
  public record OnModel(String numerics, long weightBytes, List<String> refusals) {}

  /**
   * The outcome.
   *
   * @param name empty if there is none
   * @param reason why it is this one, or none
   */
  public record Choice(Optional<String> name, String reason) {}

  /** All that there are, best first; with a model also how each usable one would run it. */
  public List<Entry> entries(LoadRequest request, Optional<ModelGraph> model) {
    List<Entry> entries = new ArrayList<>();
    for (Provider provider : selection.candidates()) {
      Probe probe = ProviderRegistry.probe(provider);
      entries.add(
          new Entry(
              provider.name(),
              provider instanceof BackendProvider,
              provider.rank(),
              probe.usable(),
              BackendSelection.selectable(provider),
              provider instanceof HostKernelsProvider kernels && kernels.partial(),
              probe.detail(),
              model
                  .filter(_ -> probe.usable())
                  .map(graph -> onModel(provider.name(), request, graph))));
    }
    return entries;
  }

  private OnModel onModel(String name, LoadRequest request, ModelGraph model) {
    try (var backend = selection.open(Optional.of(name), request.options()).backend()) {
      Plan plan = backend.plan(model.graph(), KernelEngine.limits(request, model));
      return new OnModel(plan.numerics().id(), plan.weightBytes(), plan.refusals());
    } catch (BurhanException e) {
      return new OnModel("", 0, List.of(e.getMessage()));
    }
  }

  /**
   * Which one a request gets.
   *
   * @param asked the request as the caller made it
   * @param completed the same with what is configured
   * @param entries of the completed request
   */
  public Choice choice(LoadRequest asked, LoadRequest completed, List<Entry> entries) {
    if (completed.backend().isPresent()) {
      return named(completed, "named by " + (asked.backend().isPresent() ? "--backend" : origin()));
    }
    for (Provider provider : selection.choosable()) {
      Entry entry =
          entries.stream().filter(e -> e.name().equals(provider.name())).findFirst().orElseThrow();
      if (entry.onModel().map(on -> on.refusals().isEmpty()).orElse(true)) {
        String runs = entry.onModel().isPresent() ? " and run the model" : "";
        return new Choice(
            Optional.of(entry.name()),
            "nobody named one; of those that are usable and may be chosen"
                + runs
                + " its rank is highest: "
                + entry.rank());
      }
    }
    return new Choice(
        Optional.empty(), "no backend is usable, may be chosen by itself and runs the model");
  }

  private Choice named(LoadRequest request, String by) {
    try (var _ = selection.open(request.backend(), request.options()).backend()) {
      return new Choice(request.backend(), by);
    } catch (BurhanException e) {
      return new Choice(Optional.empty(), by + ", and that is an error: " + e.getMessage());
    }
  }

  private String origin() {
    return host.settings()
        .find(EngineConfiguration.PID, "backend", List.of())
        .map(Settings.Setting::origin)
        .orElse("the configuration");
  }
}
