package dev.burhan.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes jars that have a manifest and nothing else. */
final class Jars {
  private Jars() {}

  static void write(Path file, Map<String, String> headers) throws IOException {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
    new JarOutputStream(Files.newOutputStream(file), manifest).close();
  }
}
