package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Reference outputs: a file of named arrays that another implementation made. */
final class References implements AutoCloseable {
  private final Checkpoint arrays;

  /**
   * Opens a .safetensors file.
   *
   * @param scratch an empty folder in which the file is made to look like a checkpoint
   */
  References(Host host, Path file, Path scratch) throws IOException {
    Files.createDirectories(scratch);
    Files.createSymbolicLink(scratch.resolve("model.safetensors"), file.toAbsolutePath());
    Files.writeString(scratch.resolve("config.json"), "{}");
    arrays = host.openCheckpoint(scratch.toString(), Progress.NONE);
  }

  /** The folder of references; a test that can't have it is skipped, and fails in CI. */
  static Path folder() {
    return required(
        Path.of(System.getProperty("burhan.golden", "../shared/golden")),
        "the reference outputs; set -Dburhan.golden or BURHAN_GOLDEN");
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

  boolean has(String name) {
    return arrays.tensors().containsKey(name);
  }

  int[] ids(String name) {
    MemorySegment data = arrays.data(name);
    if (arrays.tensor(name).type().name().equals("I32")) {
      return data.toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }
    long[] wide = data.toArray(ValueLayout.JAVA_LONG_UNALIGNED);
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.toIntExact(wide[i]);
    }
    return ids;
  }

  /** A matrix, row by row. */
  float[][] rows(String name) {
    TensorInfo info = arrays.tensor(name);
    assertTrue(info.shape().rank() == 2, name);
    float[] all = floats(name);
    int cols = Math.toIntExact(info.shape().cols());
    float[][] rows = new float[all.length / cols][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = java.util.Arrays.copyOfRange(all, row * cols, (row + 1) * cols);
    }
    return rows;
  }

  float[] floats(String name) {
    return arrays.data(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Override
  public void close() {
    arrays.close();
  }
}
