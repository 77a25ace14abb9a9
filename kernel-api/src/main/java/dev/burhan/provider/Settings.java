package dev.burhan.provider;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What was configured outside of the command line. A key is looked for as the system property
 * {@code burhan.KEY}, the environment variable {@code BURHAN_KEY} (upper case, underscores for dots
 * and hyphens) and the ones that the component names beside it, and the line {@code KEY = VALUE} in
 * {@code conf/PID.cfg} of the installation (or ConfigAdmin, where there is one), in this order. An
 * empty value counts as none. Thread-safe.
 */
public final class Settings {
  private final UnaryOperator<String> properties;
  private final UnaryOperator<String> environment;
  private final Function<String, Stored> stored; // by pid

  /** What is kept for a component: by key, and where. */
  private record Stored(Map<String, String> values, String origin) {}

  /**
   * A value that was given.
   *
   * @param origin where, in words for people
   */
  public record Setting(String key, String value, String origin) {}

  /**
   * Settings from these sources.
   *
   * @param properties gives a system property or null
   * @param environment gives an environment variable or null
   * @param conf the folder of {@code PID.cfg} files, if there is one
   */
  public Settings(
      UnaryOperator<String> properties, UnaryOperator<String> environment, Optional<Path> conf) {
    this(
        properties,
        environment,
        pid ->
            new Stored(
                conf.map(folder -> read(folder.resolve(pid + ".cfg"))).orElse(Map.of()),
                "conf/" + pid + ".cfg"));
  }

  private Settings(
      UnaryOperator<String> properties,
      UnaryOperator<String> environment,
      Function<String, Stored> stored) {
    this.properties = properties;
    this.environment = environment;
    this.stored = stored;
  }

  /** No settings at all. */
  public static Settings none() {
    return new Settings(name -> null, name -> null, Optional.empty());
  }

  /** This process's settings; the installation is the system property {@code burhan.home}. */
  public static Settings ofProcess() {
    Optional<Path> conf =
        Optional.ofNullable(System.getProperty("burhan.home")).map(home -> Path.of(home, "conf"));
    return new Settings(System::getProperty, System::getenv, conf);
  }

  /** The value of a component's key, if one was given. */
  public Optional<Setting> find(String pid, String key, List<String> otherEnvironment) {
    String property = "burhan." + key;
    Optional<Setting> found = given(key, properties.apply(property), "system property " + property);
    String variable = "BURHAN_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    if (found.isEmpty()) {
      found = given(key, environment.apply(variable), "environment " + variable);
    }
    for (String other : otherEnvironment) {
      if (found.isEmpty()) {
        found = given(key, environment.apply(other), "environment " + other);
      }
    }
    if (found.isPresent()) {
      return found;
    }
    Stored kept = stored.apply(pid);
    return given(key, kept.values().get(key), kept.origin());
  }

  /** The keys that are kept for a component: those of {@code conf/PID.cfg} or ConfigAdmin. */
  public Set<String> storedKeys(String pid) {
    return stored.apply(pid).values().keySet();
  }

  /**
   * The same, but for one component what ConfigAdmin has takes the place of its file.
   *
   * @param properties a component's properties as Declarative Services gives them; those of the
   *     framework itself are left out
   * @return these settings unchanged if nothing is left
   */
  public Settings withConfigAdmin(String pid, Map<String, Object> properties) {
    Map<String, String> values = new HashMap<>();
    properties.forEach(
        (key, value) -> {
          if (!key.matches("(component|service|felix|osgi|objectClass)(\\..*)?")) {
            values.put(key, String.valueOf(value));
          }
        });
    if (values.isEmpty()) {
      return this;
    }
    Stored replaced = new Stored(values, "ConfigAdmin");
    return new Settings(
        this.properties, environment, asked -> asked.equals(pid) ? replaced : stored.apply(asked));
  }

  private static Optional<Setting> given(String key, String value, String origin) {
    return value == null || value.isBlank()
        ? Optional.empty()
        : Optional.of(new Setting(key, value.strip(), origin));
  }

  private static Map<String, String> read(Path file) {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (NoSuchFileException e) {
      return Map.of(); // nothing was configured there
    } catch (IOException | IllegalArgumentException e) {
      throw new BurhanException(file + ": can't be read: " + e, e);
    }
    Map<String, String> values = new HashMap<>();
    properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key)));
    return values;
  }
}
