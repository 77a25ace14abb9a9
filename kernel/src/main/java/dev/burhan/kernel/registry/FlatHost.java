package dev.burhan.kernel.registry;

import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel on a flat class path: providers come from {@link ServiceLoader}, once. */
public final class FlatHost extends KernelHost {
  private static final Logger LOG = LoggerFactory.getLogger(FlatHost.class);

  public FlatHost() {
    super(load(), Settings.ofProcess());
  }

  private static ProviderRegistry load() {
    ProviderRegistry registry = new ProviderRegistry();
    ServiceLoader.load(Provider.class, FlatHost.class.getClassLoader()).stream()
        .forEach(
            found -> {
              try {
                registry.add(found.get());
              } catch (ServiceConfigurationError | LinkageError e) {
                LOG.warn("a provider can't be loaded and is left out: {}", e.toString());
              }
            });
    return registry;
  }
}
