package dev.burhan.catalog;

import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Component;

/**
 * The built-in models and those of the user's own catalogue file ({@code burhan.catalogue} or
 * BURHAN_CATALOGUE), which may replace built-in ones of the same name.
 */
@Component(service = Provider.class)
public final class Catalogue implements ModelCatalog {
  private final Supplier<Settings> settings;

  public Catalogue() {
    this(() -> Settings.of(System::getProperty, System::getenv));
  }

  /** For tests: with other settings than this process has. */
  Catalogue(Supplier<Settings> settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "catalogue";
  }

  @Override
  public List<Entry> entries() {
    return models(settings.get()).stream().map(Model::entry).toList();
  }

  @Override
  public Optional<Path> cached(String name) {
    Settings now = settings.get();
    return new ModelCache(now.cache(), model(now, name)).present();
  }

  @Override
  public Path fetch(String name, Progress progress) {
    Settings now = settings.get();
    return new Fetch(now, model(now, name), progress).run();
  }

  private static Model model(Settings settings, String name) {
    List<Model> models = models(settings);
    return models.stream()
        .filter(model -> model.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "there is no model '"
                        + name
                        + "' in the catalogue; it has "
                        + String.join(", ", models.stream().map(Model::name).toList())));
  }

  private static List<Model> models(Settings settings) {
    var models = new ArrayList<Model>(settings.extra().map(CatalogueFile::of).orElse(List.of()));
    List<String> own = models.stream().map(Model::name).toList();
    if (own.stream().distinct().count() < own.size()) {
      throw new BurhanException(settings.extra().orElseThrow() + ": 'models' lists a name twice");
    }
    CatalogueFile.builtIn().stream()
        .filter(model -> !own.contains(model.name()))
        .forEach(models::add);
    return List.copyOf(models);
  }
}
