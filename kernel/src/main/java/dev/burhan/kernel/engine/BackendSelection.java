package dev.burhan.kernel.engine;

import dev.burhan.backend.Backend;
import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.kernel.executor.HostBackend;
import dev.burhan.kernel.executor.NamedKernels;
import dev.burhan.kernel.registry.ProviderRegistry;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which backend runs a model: the one that is named, or the usable and selectable one of highest
 * rank. A named one that can't be used is an error and never a reason to take another.
 */
public final class BackendSelection {
  private final Host host;

  public BackendSelection(Host host) {
    this.host = host;
  }

  /** An opened backend and its name. */
  public record Opened(String name, Backend backend) {}

  /** All that could run models: whole-graph backends and libraries of host kernels, best first. */
  public List<Provider> candidates() {
    List<Provider> all = new ArrayList<>();
    all.addAll(host.providers(BackendProvider.class));
    all.addAll(host.providers(HostKernelsProvider.class));
    return ProviderRegistry.ordered(all);
  }

  /** Whether it may be chosen when nobody names it. */
  public static boolean selectable(Provider provider) {
    return !(provider instanceof HostKernelsProvider kernels) || kernels.selectable();
  }

  /** What would be chosen if nobody names one. */
  public Optional<Provider> best() {
    return candidates().stream()
        .filter(provider -> ProviderRegistry.probe(provider).usable() && selectable(provider))
        .findFirst();
  }

  /** Opens the one that is named, or the best. The caller closes its backend. */
  public Opened open(Optional<String> name, Map<String, String> all) {
    Map<String, String> options = EngineOptions.without(all);
    Provider provider = name.isPresent() ? named(name.get()) : best().orElseThrow(this::none);
    return switch (provider) {
      case BackendProvider whole -> new Opened(whole.name(), whole.open(options, host));
      case HostKernelsProvider kernels ->
          new Opened(
              kernels.name(),
              new HostBackend(
                  List.of(new NamedKernels(kernels.name(), kernels.open(options))), host.memory()));
      default -> throw new IllegalStateException("not a backend: " + provider);
    };
  }

  private Provider named(String name) {
    Provider found =
        candidates().stream()
            .filter(provider -> provider.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new UsageException(
                        "there is no backend '" + name + "'; there is " + names(candidates())));
    if (!ProviderRegistry.probe(found).usable()) {
      throw new BurhanException(
          "backend '" + name + "' can't be used here: " + ProviderRegistry.probe(found).detail());
    }
    return found;
  }

  private BurhanException none() {
    StringBuilder message = new StringBuilder("there is no backend that can run a model");
    for (Provider provider : candidates()) {
      message.append("; ").append(provider.name()).append(": ");
      message.append(
          selectable(provider)
              ? ProviderRegistry.probe(provider).detail()
              : "only when named with --backend");
    }
    return new BurhanException(message.toString());
  }

  private static String names(List<Provider> providers) {
    return providers.isEmpty()
        ? "none at all"
        : String.join(", ", providers.stream().map(Provider::name).toList());
  }
}
