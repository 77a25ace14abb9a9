package dev.burhan.kernel.config;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.engine.LoadRequest;
import dev.burhan.provider.Configurable;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** The engine's keys, and what they do to a request. */
@Component(service = Provider.class)
public final class EngineConfiguration implements Configurable {
  public static final String PID = "dev.burhan.engine";

  @Override
  public String name() {
    return "engine";
  }

  @Override
  public String pid() {
    return PID;
  }

  @Override
  public Class<?> configuration() {
    return EngineConfig.class;
  }

  /** The request with what it leaves open filled in from the configuration. */
  public static LoadRequest complete(LoadRequest request, Host host) {
    Definition definition = Definition.of(new EngineConfiguration());
    if (!definition.isGiven(host.settings())) {
      return request; // the usual case, spared the converter's classes
    }
    EngineConfig config = definition.read(host.settings(), EngineConfig.class);
    Map<String, String> options = new HashMap<>(request.options());
    if (!config.activations().isEmpty()) {
      options.putIfAbsent(HostKernelsProvider.ACTIVATIONS, config.activations());
    }
    return new LoadRequest(
        request.model(),
        request.backend().or(() -> Optional.of(config.backend()).filter(name -> !name.isEmpty())),
        request.threads() > 0 ? request.threads() : config.threads(),
        request.context() > 0 ? request.context() : config.context(),
        options);
  }
}
