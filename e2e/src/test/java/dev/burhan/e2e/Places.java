package dev.burhan.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** Where the things under test lie. */
final class Places {
  private Places() {}

  /** The checkout. */
  static Path root() {
    return Path.of(System.getProperty("burhan.root"));
  }

  /** The unpacked distribution. */
  static Path distribution() {
    return Path.of(System.getProperty("burhan.distribution"));
  }

  /** The model that comes with it. */
  static Path tinyR1() {
    return distribution().resolve("models/burhan-tiny-r1");
  }

  /** The reference outputs and models. */
  static Path golden() {
    return Path.of(System.getProperty("burhan.golden"));
  }

  static Path cache() {
    String given = System.getenv("BURHAN_CACHE");
    return given != null
        ? Path.of(given)
        : Path.of(System.getProperty("user.home"), ".cache/burhan");
  }

  static List<Path> jars(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  /**
   * The file in the cache's folder of models; without it the test fails in CI and is skipped
   * elsewhere.
   */
  static Path requireModel(String file) {
    Path path = cache().resolve("models").resolve(file);
    if (!Files.exists(path)) {
      String remedy = path + " is missing: tools/fetch-test-data models fetches it";
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError(remedy);
      }
      System.err.println("skipped: " + remedy);
      assumeTrue(false, remedy);
    }
    return path;
  }
}
