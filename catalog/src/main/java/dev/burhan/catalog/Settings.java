package dev.burhan.catalog;

import dev.burhan.provider.BurhanException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What the catalogue is told from outside, by the keys of {@link CatalogConfig}.
 *
 * @param cache folder of everything that was downloaded
 * @param extra a file with further models
 * @param hub the model hub's address, without a slash at its end
 * @param token sent to the hub's own host over https only
 * @param offline whether nothing may be asked of the network
 * @param pip commands that may be pip, tried in this order
 * @param connectTimeout how long to wait for a connection; short, since the next source waits
 *     behind it
 * @param stallTimeout how long a source may send nothing
 * @param attempts tries of a source that fails for a moment, while nothing arrives
 * @param backOff pause before the second try; doubled with every further one
 */
record Settings(
    Path cache,
    Optional<Path> extra,
    URI hub,
    Optional<String> token,
    boolean offline,
    List<List<String>> pip,
    Duration connectTimeout,
    Duration stallTimeout,
    int attempts,
    Duration backOff) {

  private static final List<List<String>> PIP =
      List.of(
          List.of("python3", "-m", "pip"),
          List.of("python", "-m", "pip"),
          List.of("py", "-m", "pip"),
          List.of("pip3"),
          List.of("pip"));

  /**
   * Reads the settings.
   *
   * @param property gives a system property or null
   * @param environment gives an environment variable or null
   */
  static Settings of(UnaryOperator<String> property, UnaryOperator<String> environment) {
    return of(
        new dev.burhan.provider.Settings(property, environment, Optional.empty()),
        property,
        environment);
  }

  /** Reads them from what this process was given. */
  static Settings of(dev.burhan.provider.Settings given) {
    return of(given, System::getProperty, System::getenv);
  }

  private static Settings of(
      dev.burhan.provider.Settings given,
      UnaryOperator<String> property,
      UnaryOperator<String> environment) {
    String hub = value(given, "hub").orElse(CatalogConfig.HUB);
    return new Settings(
        cache(given, property, environment),
        value(given, "catalogue").map(Path::of),
        address(hub.replaceAll("/+$", "")),
        Optional.ofNullable(first(environment.apply("HF_TOKEN"))),
        "1".equals(environment.apply("HF_HUB_OFFLINE")),
        value(given, "pip").map(pip -> List.of(List.of(pip.split("\\s+")))).orElse(PIP),
        seconds(given, "download.connectTimeout", CatalogConfig.CONNECT_TIMEOUT),
        seconds(given, "download.stallTimeout", CatalogConfig.STALL_TIMEOUT),
        5,
        Duration.ofSeconds(1));
  }

  private static Optional<String> value(dev.burhan.provider.Settings given, String key) {
    return given
        .find(Catalogue.PID, key, Catalogue.ENVIRONMENT.getOrDefault(key, List.of()))
        .map(dev.burhan.provider.Settings.Setting::value);
  }

  private static Path cache(
      dev.burhan.provider.Settings given,
      UnaryOperator<String> property,
      UnaryOperator<String> environment) {
    Optional<String> own = value(given, "cache");
    if (own.isPresent()) {
      return Path.of(own.get()).toAbsolutePath();
    }
    String shared = first(environment.apply("XDG_CACHE_HOME"));
    if (shared != null
        && Path.of(shared).isAbsolute()) { // the XDG specification: a relative one is to be ignored
      return Path.of(shared, "burhan");
    }
    return Path.of(property.apply("user.home"), ".cache", "burhan");
  }

  private static String first(String... values) {
    for (String value : values) {
      if (value != null && !value.isBlank()) {
        return value.strip();
      }
    }
    return null;
  }

  private static URI address(String text) {
    try {
      URI address = URI.create(text);
      if (address.getHost() != null
          && ("https".equals(address.getScheme()) || "http".equals(address.getScheme()))) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // falls through to the one error below
    }
    throw new BurhanException(
        "the model hub's address (HF_ENDPOINT or burhan.hub) should be like https://huggingface.co, found '"
            + text
            + "'");
  }

  private static Duration seconds(dev.burhan.provider.Settings given, String key, int otherwise) {
    Optional<String> text = value(given, key);
    if (text.isEmpty()) {
      return Duration.ofSeconds(otherwise);
    }
    try {
      int seconds = Integer.parseInt(text.get());
      if (seconds >= 1 && seconds <= 3_600) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException e) {
      // falls through to the one error below
    }
    throw new BurhanException(
        "burhan." + key + " should be whole seconds from 1 to 3600, found '" + text.get() + "'");
  }
}
