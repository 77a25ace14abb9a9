package dev.burhan.catalog;

import dev.burhan.provider.BurhanException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What the catalogue is told from outside; a system property goes before the environment.
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
    String hub =
        first(
            property.apply("burhan.hub"),
            environment.apply("HF_ENDPOINT"),
            "https://huggingface.co");
    String pip = property.apply("burhan.pip");
    return new Settings(
        cache(property, environment),
        Optional.ofNullable(
                first(property.apply("burhan.catalogue"), environment.apply("BURHAN_CATALOGUE")))
            .map(Path::of),
        address(hub.replaceAll("/+$", "")),
        Optional.ofNullable(first(environment.apply("HF_TOKEN"))),
        "1".equals(environment.apply("HF_HUB_OFFLINE")),
        pip == null ? PIP : List.of(List.of(pip.strip().split("\\s+"))),
        seconds(property, "burhan.download.connectTimeout", 5),
        seconds(property, "burhan.download.stallTimeout", 30),
        5,
        Duration.ofSeconds(1));
  }

  private static Path cache(UnaryOperator<String> property, UnaryOperator<String> environment) {
    String own = first(property.apply("burhan.cache"), environment.apply("BURHAN_CACHE"));
    if (own != null) {
      return Path.of(own).toAbsolutePath();
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

  private static Duration seconds(UnaryOperator<String> property, String key, int otherwise) {
    String text = property.apply(key);
    if (text == null) {
      return Duration.ofSeconds(otherwise);
    }
    try {
      int seconds = Integer.parseInt(text.strip());
      if (seconds >= 1 && seconds <= 3_600) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException e) {
      // falls through to the one error below
    }
    throw new BurhanException(
        key + " should be whole seconds from 1 to 3600, found '" + text + "'");
  }
}
