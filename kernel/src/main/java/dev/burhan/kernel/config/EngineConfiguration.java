package dev.burhan.kernel.config;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.Speculation;
import dev.burhan.engine.WarmUp;
import dev.burhan.kernel.packed.PackedFolder;
import dev.burhan.provider.Configurable;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import dev.burhan.provider.UsageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** The engine's keys, and what they do to a request. */
@Component(service = Provider.class)
public final class EngineConfiguration implements Configurable {
  public static final String PID = "dev.burhan.engine";
  private static final long GIGABYTE = 1_000_000_000;

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

  private static Optional<WarmUp> warmUp(String value) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return Arrays.stream(WarmUp.values())
        .filter(when -> when.name().equalsIgnoreCase(value))
        .findFirst()
        .or(
            () -> {
              throw new UsageException(
                  "'warm.up' should be off, background or load, found '" + value + "'");
            });
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
    if (config.sequences() != 0) {
      options.putIfAbsent(LoadRequest.SEQUENCES, Integer.toString(config.sequences()));
    }
    if (!config.kv_memory().isEmpty()) {
      options.putIfAbsent(LoadRequest.KV_MEMORY, config.kv_memory());
    }
    if (!config.prefix_cache().isEmpty()) {
      options.putIfAbsent(LoadRequest.PREFIX_CACHE, config.prefix_cache());
    }
    if (!config.kv_type().isEmpty()) {
      options.putIfAbsent(LoadRequest.KV_TYPE, config.kv_type());
    }
    return new LoadRequest(
        request.model(),
        request.backend().or(() -> Optional.of(config.backend()).filter(name -> !name.isEmpty())),
        request.threads() > 0 ? request.threads() : config.threads(),
        request.context() > 0 ? request.context() : config.context(),
        options,
        warmUp(config.warm_up()).or(request::warmUp),
        request
            .speculation()
            .or(
                () ->
                    Optional.of(config.speculate())
                        .filter(text -> !text.isEmpty())
                        .map(text -> Speculation.parse("'speculate'", text))),
        request.name());
  }

  /**
   * The backend that is configured.
   *
   * @return empty if none is: the best is taken
   */
  public static Optional<String> backend(Settings settings) {
    Definition definition = Definition.of(new EngineConfiguration());
    return Optional.of(definition.read(settings, EngineConfig.class).backend())
        .filter(name -> !name.isEmpty());
  }

  /**
   * How long requests wait for a backend where none is left.
   *
   * @throws UsageException if it is no length of time
   */
  public static Duration patience(Settings settings) {
    Definition definition = Definition.of(new EngineConfiguration());
    int seconds =
        definition.isGiven(settings)
            ? definition.read(settings, EngineConfig.class).backend_patience()
            : EngineConfig.BACKEND_PATIENCE;
    if (seconds < 0) {
      throw new UsageException("'backend.patience' should be 0 s or more, found " + seconds);
    }
    return Duration.ofSeconds(seconds);
  }

  /**
   * The folder of packed weights, whether it is there or not.
   *
   * @return empty if none are kept: switched off, or neither a folder nor a catalogue says where
   */
  public static Optional<PackedFolder> packedFolder(Host host) {
    Definition definition = Definition.of(new EngineConfiguration());
    if (!definition.isGiven(host.settings())) {
      return packedFolder(host, EngineConfig.PACKED_CACHE, "", EngineConfig.PACKED_GIGABYTES);
    }
    EngineConfig config = definition.read(host.settings(), EngineConfig.class);
    return packedFolder(
        host, config.packed_cache(), config.packed_folder(), config.packed_gigabytes());
  }

  private static Optional<PackedFolder> packedFolder(
      Host host, boolean cache, String folder, int gigabytes) {
    if (!cache || gigabytes <= 0) {
      return Optional.empty();
    }
    Optional<Path> root =
        folder.isEmpty()
            ? host.providers(ModelCatalog.class).stream()
                .flatMap(catalog -> catalog.folder().stream())
                .map(models -> models.resolve("packed"))
                .findFirst()
            : Optional.of(Path.of(folder).toAbsolutePath());
    return root.map(path -> new PackedFolder(path, gigabytes * GIGABYTE));
  }
}
