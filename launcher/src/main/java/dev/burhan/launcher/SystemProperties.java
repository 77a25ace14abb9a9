package dev.burhan.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;

/** Reads {@code conf/system.properties}; what was given with {@code -D} stays. */
final class SystemProperties {
  private SystemProperties() {}

  static void load(Path file) {
    var properties = new Properties();
    try (var reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException | IllegalArgumentException e) {
      throw new LaunchException("cannot read " + file + ": " + e.getMessage(), e);
    }
    properties.forEach((name, value) -> System.getProperties().putIfAbsent(name, value));
  }
}
