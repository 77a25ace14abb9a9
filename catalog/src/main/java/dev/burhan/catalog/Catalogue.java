package dev.burhan.catalog;

import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Configurable;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The built-in models and those of the user's own catalogue file ({@code burhan.catalogue} or
 * BURHAN_CATALOGUE), which may replace built-in ones of the same name.
 */
@Component(service = Provider.class, configurationPid = Catalogue.PID)
@Designate(ocd = CatalogConfig.class)
public final class Catalogue implements ModelCatalog, Configurable {
  static final String PID = "dev.burhan.catalog";
  static final Map<String, List<String>> ENVIRONMENT = Map.of("hub", List.of("HF_ENDPOINT"));

  private volatile Supplier<Settings> settings;

  public Catalogue() {
    this(() -> Settings.of(dev.burhan.provider.Settings.ofProcess()));
  }

  /** For tests: with other settings than this process has. */
  Catalogue(Supplier<Settings> settings) {
    this.settings = settings;
  }

  /** In OSGi: ConfigAdmin's values, where it has any, stand where the file's would. */
  @Activate
  @Modified
  void configure(Map<String, Object> properties) {
    settings =
        () ->
            Settings.of(dev.burhan.provider.Settings.ofProcess().withConfigAdmin(PID, properties));
  }

  @Override
  public String name() {
    return "catalogue";
  }

  @Override
  public String pid() {
    return PID;
  }

  @Override
  public Class<?> configuration() {
    return CatalogConfig.class;
  }

  @Override
  public Map<String, List<String>> environment() {
    return ENVIRONMENT;
  }

  @Override
  public Optional<Path> folder() {
    return Optional.of(settings.get().cache());
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
