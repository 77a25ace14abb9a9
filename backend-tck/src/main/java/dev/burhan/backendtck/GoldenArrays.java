package dev.burhan.backendtck;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Reference outputs: a file of named arrays that another implementation made. */
public class GoldenArrays implements AutoCloseable {
  private static final String FILE = "model.safetensors";
  private static final String CONFIGURATION = "config.json";

  private final Path folder;
  private final Checkpoint arrays;

  /** Opens a .safetensors file. */
  public GoldenArrays(Host host, Path file) {
    try {
      folder = Files.createTempDirectory("burhan-golden"); // in which it looks like a checkpoint
      Files.createSymbolicLink(folder.resolve(FILE), file.toAbsolutePath());
      Files.writeString(folder.resolve(CONFIGURATION), "{}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    arrays = host.openCheckpoint(folder.toString(), Progress.NONE);
  }

  /**
   * The folder of reference outputs: that of the system property {@code burhan.golden}, the
   * environment's {@code BURHAN_GOLDEN}, or {@code ../shared/golden}; whether it is there or not.
   */
  public static Path goldens() {
    return Path.of(
        Optional.ofNullable(System.getProperty("burhan.golden"))
            .or(() -> Optional.ofNullable(System.getenv("BURHAN_GOLDEN")))
            .orElse("../shared/golden"));
  }

  public boolean has(String name) {
    return arrays.tensors().containsKey(name);
  }

  /** Whole numbers of an I32 or I64 array. */
  public int[] ids(String name) {
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
  public float[][] rows(String name) {
    TensorInfo info = arrays.tensor(name);
    if (info.shape().rank() != 2) {
      throw new IllegalArgumentException(name + " is no matrix: " + info.shape());
    }
    float[] all = floats(name);
    int cols = Math.toIntExact(info.shape().cols());
    float[][] rows = new float[all.length / cols][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(all, row * cols, (row + 1) * cols);
    }
    return rows;
  }

  public float[] floats(String name) {
    return arrays.data(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Override
  public void close() {
    arrays.close();
    try {
      Files.deleteIfExists(folder.resolve(FILE));
      Files.deleteIfExists(folder.resolve(CONFIGURATION));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
