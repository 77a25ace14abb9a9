package dev.burhan.kernel.registry;

import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The kernel in OSGi: providers come and go as services (Declarative Services 1.5, section
 * 112.5.9).
 */
@Component(service = Host.class)
public final class KernelComponent extends KernelHost {
  private final ProviderRegistry registry;

  @Activate
  public KernelComponent() {
    this(new ProviderRegistry());
  }

  private KernelComponent(ProviderRegistry registry) {
    super(registry);
    this.registry = registry;
  }

  @Reference(
      service = Provider.class,
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void bindProvider(Provider provider) {
    registry.add(provider);
  }

  void unbindProvider(Provider provider) {
    registry.remove(provider);
  }
}
