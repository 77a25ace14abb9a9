package dev.burhan.catalog;

import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/**
 * The models that come with an installation: the folders in {@code models/} below {@code
 * burhan.home}, each in Hugging Face's form with a model card. They are here without a network.
 */
@Component(service = Provider.class)
public final class InstalledModels implements ModelCatalog {
  private static final String WEIGHTS = "model.safetensors";

  /** A card is short; more is not read. */
  private static final int CARD_LINES = 200;

  private final Optional<Path> folder;

  public InstalledModels() {
    this(Optional.ofNullable(System.getProperty("burhan.home")).map(Path::of));
  }

  /** For tests: the models of another installation. */
  InstalledModels(Optional<Path> home) {
    folder = home.map(path -> path.resolve("models"));
  }

  @Override
  public String name() {
    return "installed";
  }

  @Override
  public List<Entry> entries() {
    return folders().stream().map(InstalledModels::entry).toList();
  }

  /** Without the hash that an entry takes. */
  @Override
  public boolean has(String name) {
    return cached(name).isPresent();
  }

  @Override
  public Optional<Path> cached(String name) {
    return folders().stream().filter(path -> nameOf(path).equals(name)).findFirst();
  }

  @Override
  public Path fetch(String name, Progress progress) {
    return cached(name)
        .orElseThrow(
            () -> new UsageException("no model '" + name + "' came with this installation"));
  }

  private static String nameOf(Path path) {
    return path.getFileName().toString();
  }

  private List<Path> folders() {
    if (folder.filter(Files::isDirectory).isEmpty()) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(folder.get())) {
      return paths.filter(path -> Files.isRegularFile(path.resolve(WEIGHTS))).sorted().toList();
    } catch (IOException e) {
      throw new BurhanException(folder.get() + " can't be read: " + e, e);
    }
  }

  private static Entry entry(Path model) {
    Path weights = model.resolve(WEIGHTS);
    List<String> card = card(model);
    try {
      return new Entry(
          nameOf(model),
          after("# ", card).orElse(nameOf(model)),
          after("license: ", card).map(InstalledModels::spdx).orElse("unknown"),
          Files.size(weights),
          Partial.sha256(weights, _ -> {}),
          List.of("this installation"));
    } catch (IOException e) {
      throw new BurhanException(weights + " can't be read: " + e, e);
    }
  }

  /** Hugging Face's cards name licences in lower case. */
  private static String spdx(String licence) {
    return licence.equals("mit") ? "MIT" : licence;
  }

  private static List<String> card(Path model) {
    try (Stream<String> lines = Files.lines(model.resolve("README.md"))) {
      return lines.limit(CARD_LINES).toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static Optional<String> after(String start, List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()).strip())
        .findFirst();
  }
}
