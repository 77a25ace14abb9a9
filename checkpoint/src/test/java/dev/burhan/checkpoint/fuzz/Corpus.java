package dev.burhan.checkpoint.fuzz;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real files that inputs are made from; they are no part of the repository. */
public final class Corpus {
  private Corpus() {}

  /** A golden reference. */
  public static Path golden(String name) {
    return present(
        Path.of(System.getProperty("burhan.golden", "../../shared/golden")).resolve(name),
        "set BURHAN_GOLDEN to the folder of reference data");
  }

  /** A file of the cache. */
  public static Path cached(String name) {
    String cache = System.getenv("BURHAN_CACHE");
    Path base =
        cache == null
            ? Path.of(System.getProperty("user.home"), ".cache", "burhan")
            : Path.of(cache);
    return present(base.resolve(name), "run tools/fetch-test-data");
  }

  private static Path present(Path path, String remedy) {
    if (!Files.exists(path)) {
      String message = path + " is missing: " + remedy;
      if ("true".equals(System.getenv("CI"))) {
        fail(message);
      }
      System.out.println("skipped: " + message);
      Assumptions.abort(message);
    }
    return path;
  }
}
