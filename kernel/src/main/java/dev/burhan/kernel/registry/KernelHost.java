package dev.burhan.kernel.registry;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointFormat;
import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.engine.Engine;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.kernel.engine.LoadedModels;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.HostMemory;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.TextFormat;
import dev.burhan.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The kernel: a registry, host memory and an engine over them. */
public class KernelHost implements Host {
  private final ProviderRegistry registry;
  private final HostMemory memory = new NativeHostMemory();
  private final LoadedModels models = new LoadedModels();
  private volatile Settings settings;

  /** A kernel that nobody configured. */
  public KernelHost(ProviderRegistry registry) {
    this(registry, Settings.none());
  }

  public KernelHost(ProviderRegistry registry, Settings settings) {
    this.registry = registry;
    this.settings = settings;
  }

  /** A provider came: it is known from now on. */
  public final void add(Provider provider) {
    registry.add(provider);
    models.came(provider);
  }

  /** A provider goes: returns when no model runs on it any more. */
  public final void remove(Provider provider) {
    registry.remove(provider);
    models.left(provider);
  }

  @Override
  public Settings settings() {
    return settings;
  }

  /**
   * From now on these hold; models that are loaded keep theirs, but go on with the backend that is
   * configured if nobody named one for them.
   *
   * @throws dev.burhan.provider.UsageException if a value is not of its key's type
   */
  public final void settings(Settings changed) {
    settings = changed;
    models.configured(EngineConfiguration.backend(changed));
  }

  @Override
  public <P extends Provider> List<P> providers(Class<P> type) {
    return registry.providers(type);
  }

  @Override
  public <P extends Provider> P provider(Class<P> type, String name) {
    return registry.provider(type, kindOf(type), name);
  }

  /** {@code HostKernelsProvider} is called "host kernels" in messages. */
  private static String kindOf(Class<?> type) {
    return type.getSimpleName()
        .replaceAll("Provider$", "")
        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
        .toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public Checkpoint openCheckpoint(String model, Progress progress) {
    return openCheckpoint(locate(model, progress));
  }

  private Path locate(String model, Progress progress) {
    Optional<Path> path = existing(model);
    if (path.isPresent()) {
      return path.get();
    }
    List<ModelCatalog> catalogs = providers(ModelCatalog.class);
    for (ModelCatalog catalog : catalogs) {
      if (catalog.has(model)) {
        return catalog.fetch(model, progress);
      }
    }
    List<String> names =
        catalogs.stream()
            .flatMap(catalog -> catalog.entries().stream())
            .map(ModelCatalog.Entry::name)
            .toList();
    throw new UsageException(
        "there is no model '"
            + model
            + "': no such file or folder, and the catalogue has "
            + (names.isEmpty() ? "none" : "only " + String.join(", ", names)));
  }

  private static Optional<Path> existing(String model) {
    try {
      return Optional.of(Path.of(model))
          .filter(path -> Files.exists(path) || Files.isSymbolicLink(path));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private Checkpoint openCheckpoint(Path path) {
    List<CheckpointFormat> formats = providers(CheckpointFormat.class);
    for (CheckpointFormat format : formats) {
      if (format.recognises(path)) {
        return format.open(path);
      }
    }
    for (CheckpointFormat format : formats) {
      if (format.name().equals(meant(path))) {
        return format.open(path); // which says what is there instead
      }
    }
    throw new BurhanException(
        path
            + ": no checkpoint that can be read; expected a GGUF file or a folder with config.json or tokenizer.json (formats: "
            + String.join(", ", formats.stream().map(Provider::name).toList())
            + ")");
  }

  /** The format that someone who names this path means: a name decides nothing but the error. */
  private static String meant(Path path) {
    String name = String.valueOf(path.getFileName());
    return Files.isDirectory(path) || name.endsWith(".safetensors") ? "safetensors" : "gguf";
  }

  private Optional<TextFormat> textFormat(Checkpoint checkpoint) {
    return providers(TextFormat.class).stream()
        .filter(format -> format.supports(checkpoint))
        .findFirst();
  }

  @Override
  public Tokenizer tokenizer(Checkpoint checkpoint) {
    return textFormat(checkpoint)
        .orElseThrow(
            () ->
                new BurhanException(
                    checkpoint.path()
                        + ": no tokenizer that can be used; expected GGUF tokenizer metadata or a tokenizer.json"))
        .tokenizer(checkpoint);
  }

  @Override
  public Optional<ChatFormat> chatFormat(Checkpoint checkpoint) {
    // a folder may have a template without a tokenizer that anybody supports
    return providers(TextFormat.class).stream()
        .flatMap(format -> format.chatFormat(checkpoint).stream())
        .findFirst();
  }

  @Override
  public Engine engine() {
    return new KernelEngine(this, models);
  }

  @Override
  public HostMemory memory() {
    return memory;
  }
}
