package dev.burhan.kernel.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** Reference tensors for tests: a safetensors file of which we know that it is well-formed. */
public final class SafetensorsFile {
  private static final Pattern ENTRY =
      Pattern.compile(
          "\"([^\"]+)\"\\s*:\\s*\\{\"dtype\":\"(\\w+)\",\"shape\":\\[([^\\]]*)\\],"
              + "\"data_offsets\":\\[(\\d+),(\\d+)\\]\\}");

  /**
   * A tensor.
   *
   * @param bytes little-endian
   */
  public record Tensor(String type, long[] shape, MemorySegment bytes) {
    public float[] floats() {
      return bytes.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    public int[] ints() {
      return Arrays.stream(bytes.toArray(ValueLayout.JAVA_LONG_UNALIGNED))
          .mapToInt(Math::toIntExact)
          .toArray();
    }

    public int rows() {
      return Math.toIntExact(shape[0]);
    }
  }

  private final Map<String, Tensor> tensors = new HashMap<>();

  public SafetensorsFile(Path path) {
    try {
      MemorySegment file = MemorySegment.ofArray(Files.readAllBytes(path));
      long header = file.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
      String json =
          new String(
              file.asSlice(8, header).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
      Matcher entry = ENTRY.matcher(json);
      while (entry.find()) {
        long from = Long.parseLong(entry.group(4));
        long to = Long.parseLong(entry.group(5));
        long[] shape =
            Arrays.stream(entry.group(3).split(","))
                .filter(dim -> !dim.isBlank())
                .mapToLong(dim -> Long.parseLong(dim.strip()))
                .toArray();
        tensors.put(
            entry.group(1),
            new Tensor(entry.group(2), shape, file.asSlice(8 + header + from, to - from)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  public Tensor tensor(String name) {
    return Optional.ofNullable(tensors.get(name)).orElseThrow();
  }

  /**
   * The folder of reference data that is not part of the repository: a test that needs it is
   * skipped without it, except in CI.
   */
  public static Path golden(String name) {
    Path path = Path.of(System.getProperty("burhan.golden", "")).resolve(name);
    if (!Files.exists(path) && !"true".equals(System.getenv("CI"))) {
      Assumptions.abort(
          "no reference data at " + path + ": set BURHAN_GOLDEN to the folder that has it");
    }
    return path;
  }
}
