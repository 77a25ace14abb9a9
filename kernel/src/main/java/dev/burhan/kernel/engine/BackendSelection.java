package dev.burhan.kernel.engine;

import dev.burhan.backend.Backend;
import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.backend.Plan;
import dev.burhan.kernel.executor.HostBackend;
import dev.burhan.kernel.executor.NamedKernels;
import dev.burhan.kernel.registry.ProviderRegistry;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which backend runs a model: the one that is named, or of those that are usable, may be chosen and
 * run the model the one of highest rank. A named one that can't be used is an error and never a
 * reason to take another.
 *
 * <p>A library that has a part of the ops only is joined by those beside it, best first; {@code
 * blas+oracle} names both. Names come from the command line, a system property, the environment or
 * a configuration, in this order, and reach this class as one; an operator's live command will go
 * before them.
 */
public final class BackendSelection {
  private static final String AND = "\\+";

  private final Host host;

  public BackendSelection(Host host) {
    this.host = host;
  }

  /**
   * An opened backend.
   *
   * @param name what was chosen
   * @param providers the names of all that it is made of
   */
  public record Opened(String name, Backend backend, Set<String> providers) {
    public Opened {
      providers = Set.copyOf(providers);
    }
  }

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

  /** What is chosen if nobody names one, as long as it runs the model. */
  public Optional<Provider> best() {
    return choosable().stream().findFirst();
  }

  /** Those that may be chosen when nobody names one, best first. */
  public List<Provider> choosable() {
    return candidates().stream()
        .filter(provider -> ProviderRegistry.probe(provider).usable() && selectable(provider))
        .filter(provider -> !isPartial(provider) || !companions().isEmpty())
        .toList();
  }

  private static boolean isPartial(Provider provider) {
    return provider instanceof HostKernelsProvider kernels && kernels.partial();
  }

  /** What a library that has a part of the ops is joined by. */
  private List<HostKernelsProvider> companions() {
    return host.providers(HostKernelsProvider.class).stream()
        .filter(kernels -> kernels.selectable() && !kernels.partial())
        .filter(kernels -> ProviderRegistry.probe(kernels).usable())
        .toList();
  }

  /** Opens the one that is named, or the best. The caller closes its backend. */
  public Opened open(Optional<String> name, Map<String, String> all) {
    return name.isPresent()
        ? open(name.get(), all)
        : open(best().orElseThrow(this::none), EngineOptions.without(all));
  }

  /**
   * The same, but if nobody names one it should run the model.
   *
   * @param plan how a backend would run it
   * @return the best one, whose plan tells why not, if none does
   */
  public Opened open(Optional<String> name, Map<String, String> all, Function<Backend, Plan> plan) {
    List<Provider> choosable = name.isPresent() ? List.of() : choosable();
    for (Provider provider : choosable.size() > 1 ? choosable : List.<Provider>of()) {
      Opened opened = open(provider, EngineOptions.without(all));
      try {
        if (plan.apply(opened.backend()).possible()) {
          return opened;
        }
      } catch (RuntimeException | Error e) {
        opened.backend().close();
        throw e;
      }
      opened.backend().close();
    }
    return open(name, all);
  }

  private Opened open(String name, Map<String, String> all) {
    Map<String, String> options = EngineOptions.without(all);
    List<String> names = List.of(name.split(AND, -1));
    return names.size() == 1
        ? open(named(name), options)
        : new Opened(
            name, open(names.stream().map(this::library).toList(), options), Set.copyOf(names));
  }

  private HostKernelsProvider library(String name) {
    if (named(name) instanceof HostKernelsProvider kernels) {
      return kernels;
    }
    throw new UsageException("backend '" + name + "' runs whole models and is joined by no other");
  }

  /** Opens one of the {@link #candidates}. The caller closes its backend. */
  public Opened open(Provider provider, Map<String, String> options) {
    return switch (provider) {
      case BackendProvider whole ->
          new Opened(whole.name(), whole.open(options, host), Set.of(whole.name()));
      case HostKernelsProvider kernels -> {
        List<HostKernelsProvider> libraries = withCompanions(kernels);
        yield new Opened(
            kernels.name(),
            open(libraries, options),
            libraries.stream().map(Provider::name).collect(Collectors.toSet()));
      }
      default -> throw new IllegalStateException("not a backend: " + provider);
    };
  }

  private List<HostKernelsProvider> withCompanions(HostKernelsProvider kernels) {
    List<HostKernelsProvider> libraries = new ArrayList<>(List.of(kernels));
    if (kernels.partial()) {
      libraries.addAll(companions());
      if (libraries.size() == 1) {
        throw new BurhanException(
            "backend '"
                + kernels.name()
                + "' has a part of the operations only, and nothing usable has the others: is the"
                + " bundle backend-vector installed?");
      }
    }
    return libraries;
  }

  private Backend open(List<HostKernelsProvider> providers, Map<String, String> options) {
    List<NamedKernels> libraries = new ArrayList<>();
    try {
      for (HostKernelsProvider provider : providers) {
        libraries.add(new NamedKernels(provider.name(), provider.open(options)));
      }
    } catch (RuntimeException | Error e) {
      libraries.forEach(library -> library.kernels().close());
      throw e;
    }
    return new HostBackend(libraries, host.memory());
  }

  /** What the probes of a backend found, by the name that it was opened under. */
  public String detail(String opened) {
    return Arrays.stream(opened.split(AND))
        .map(name -> ProviderRegistry.probe(named(name)).detail())
        .filter(detail -> !detail.isEmpty())
        .collect(Collectors.joining("; "));
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
