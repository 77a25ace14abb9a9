package dev.burhan.cli;

import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.command.Option;
import dev.burhan.engine.LoadRequest;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.util.List;
import java.util.stream.Stream;

/** The values of options that are names of something that this installation has. */
public final class OptionValues {
  private final Host host;

  public OptionValues(Host host) {
    this.host = host;
  }

  /** The values to offer; empty if there are none to know. */
  List<String> of(Option option) {
    return switch (option.name()) {
      case "model" -> models();
      case "backend" -> backends();
      case "activations" -> List.of("f32", "q8");
      case LoadRequest.KV_TYPE -> List.of("f32", "f16", "bf16", "q8");
      default -> List.of();
    };
  }

  /** The catalogue's. */
  public List<String> models() {
    return host.providers(ModelCatalog.class).stream()
        .flatMap(catalog -> catalog.entries().stream())
        .map(ModelCatalog.Entry::name)
        .toList();
  }

  /** Those that are usable here. */
  public List<String> backends() {
    return Stream.concat(
            host.providers(HostKernelsProvider.class).stream(),
            host.providers(BackendProvider.class).stream())
        .filter(provider -> provider.probe().usable())
        .map(Provider::name)
        .toList();
  }
}
