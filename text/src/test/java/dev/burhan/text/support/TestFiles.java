package dev.burhan.text.support;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.safetensors.SafetensorsFormat;
import dev.burhan.text.format.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Files that are no part of the repository: golden references, and what is fetched into the cache.
 */
public final class TestFiles {
  private TestFiles() {}

  public static Path golden(String name) {
    return present(
        Path.of(System.getProperty("burhan.golden")).resolve(name), "the golden references");
  }

  public static Path cached(String name) {
    String set = System.getenv("BURHAN_CACHE");
    Path cache =
        set == null ? Path.of(System.getProperty("user.home"), ".cache", "burhan") : Path.of(set);
    return present(cache.resolve(name), "tools/fetch-test-data");
  }

  private static Path present(Path file, String source) {
    if (!Files.exists(file)) {
      String what = "Not tested: " + file + " is missing (it comes from " + source + ")";
      if ("true".equals(System.getenv("CI"))) {
        fail(what);
      }
      System.err.println(what);
      abort(what);
    }
    return file;
  }

  public static Checkpoint open(Path folder) {
    return new SafetensorsFormat().open(folder);
  }

  public static Object json(Path file) {
    try {
      return Json.read(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked") // the tests know what they read
  public static Map<String, Object> map(Object json) {
    return (Map<String, Object>) json;
  }

  @SuppressWarnings("unchecked") // the tests know what they read
  public static List<Map<String, Object>> maps(Object json) {
    return (List<Map<String, Object>>) json;
  }

  public static int[] ints(Object json) {
    return ((List<?>) json).stream().mapToInt(number -> ((Number) number).intValue()).toArray();
  }
}
