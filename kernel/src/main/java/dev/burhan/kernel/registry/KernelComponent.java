package dev.burhan.kernel.registry;

import dev.burhan.kernel.config.EngineConfig;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The kernel in OSGi: providers come and go as services (Declarative Services 1.5, section
 * 112.5.9).
 */
@Component(service = Host.class, configurationPid = EngineConfiguration.PID)
@Designate(ocd = EngineConfig.class)
public final class KernelComponent extends KernelHost {
  @Activate
  public KernelComponent(Map<String, Object> properties) {
    super(new ProviderRegistry(), settings(properties));
  }

  /** A changed configuration; see {@link KernelHost#settings(Settings)}. */
  @Modified
  public void modified(Map<String, Object> properties) {
    settings(settings(properties));
  }

  /** ConfigAdmin's values, where it has any, stand where the file's would. */
  private static Settings settings(Map<String, Object> properties) {
    return Settings.ofProcess().withConfigAdmin(EngineConfiguration.PID, properties);
  }

  @Reference(
      service = Provider.class,
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void bindProvider(Provider provider) {
    add(provider);
  }

  void unbindProvider(Provider provider) {
    remove(provider);
  }
}
