package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.fail;

import dev.burhan.backendtck.GoldenArrays;
import dev.burhan.provider.Host;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Reference outputs; a test that can't have them is skipped, and fails in CI. */
final class References extends GoldenArrays {

  /** Opens a .safetensors file. */
  References(Host host, Path file) {
    super(host, file);
  }

  /** The folder of references. */
  static Path folder() {
    return required(
        GoldenArrays.goldens(), "the reference outputs; set -Dburhan.golden or BURHAN_GOLDEN");
  }

  /** A file that must be there in CI. */
  static Path required(Path path, String remedy) {
    if (!Files.exists(path)) {
      if ("true".equals(System.getenv("CI"))) {
        fail(path + " is missing: " + remedy);
      }
      Assumptions.abort("skipped: " + path + " is missing: " + remedy);
    }
    return path;
  }

  /** A real model's file in the cache. */
  static Path model(String relative) {
    String cache = System.getenv("BURHAN_CACHE");
    Path root =
        cache == null
            ? Path.of(System.getProperty("user.home"), ".cache", "burhan")
            : Path.of(cache);
    return required(root.resolve("models").resolve(relative), "run tools/fetch-test-data");
  }
}
