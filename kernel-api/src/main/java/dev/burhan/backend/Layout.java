package dev.burhan.backend;

import java.util.Objects;

/**
 * How a weight's bytes are arranged in memory. Open set: a library names its own panels. Copies are
 * keyed by weight and layout, so that programs with the same layout share them.
 *
 * @param name unique name; a library's own begins with the library's name
 * @param version raised when the arrangement changes: packed caches on disk depend on it
 */
public record Layout(String name, int version) {

  /**
   * As the file has it: rows of whole blocks, one after another. Every library must run this for
   * each type it claims.
   */
  public static final Layout FILE = new Layout("file", 1);

  /** Dequantised to F32, rows one after another. */
  public static final Layout F32 = new Layout("f32", 1);

  public Layout {
    Objects.requireNonNull(name, "name");
  }
}
