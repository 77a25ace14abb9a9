package dev.burhan.kernel.registry;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Probe;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The providers that are there at this moment, whoever told of them. Order comes from the
 * providers' own methods, so that Declarative Services and ServiceLoader order alike.
 */
public final class ProviderRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(ProviderRegistry.class);

  private final List<Provider> providers = new CopyOnWriteArrayList<>();

  public void add(Provider provider) {
    providers.add(provider);
    LOG.debug("provider {} ({}) came", provider.name(), provider.getClass().getName());
  }

  public void remove(Provider provider) {
    providers.removeIf(known -> known == provider);
    LOG.debug("provider {} ({}) went", provider.name(), provider.getClass().getName());
  }

  /** Usable providers of a kind first, then by rank (highest first) and name. */
  public <P extends Provider> List<P> providers(Class<P> type) {
    return ordered(providers.stream().filter(type::isInstance).map(type::cast).toList());
  }

  /** The one order of providers: usable ones first, then by rank (highest first) and name. */
  public static <P extends Provider> List<P> ordered(List<P> unordered) {
    record Probed<P>(P provider, boolean usable) {} // asked once each, however often compared
    return unordered.stream()
        .map(provider -> new Probed<>(provider, probe(provider).usable()))
        .sorted(
            Comparator.comparing((Probed<P> probed) -> !probed.usable())
                .thenComparing(probed -> -(long) probed.provider().rank())
                .thenComparing(probed -> probed.provider().name()))
        .map(Probed::provider)
        .toList();
  }

  /** The usable provider of that kind and name; see {@link dev.burhan.provider.Host#provider}. */
  public <P extends Provider> P provider(Class<P> type, String kind, String name) {
    List<P> all = providers(type);
    P found =
        all.stream()
            .filter(provider -> provider.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new UsageException(
                        "there is no " + kind + " '" + name + "'; there " + list(all, kind)));
    Probe probe = probe(found);
    if (!probe.usable()) {
      throw new BurhanException(kind + " '" + name + "' can't be used here: " + probe.detail());
    }
    return found;
  }

  private static String list(List<? extends Provider> providers, String kind) {
    if (providers.isEmpty()) {
      return "is none at all: is its bundle installed?";
    }
    return "is " + String.join(", ", providers.stream().map(Provider::name).toList());
  }

  /** A provider whose own probe fails is unusable, and does not take the others with it. */
  public static Probe probe(Provider provider) {
    try {
      return provider.probe();
    } catch (RuntimeException | LinkageError e) {
      return Probe.unusable("its probe failed: " + e);
    }
  }
}
