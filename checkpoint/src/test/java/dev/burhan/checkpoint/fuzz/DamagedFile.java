package dev.burhan.checkpoint.fuzz;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** Writes a file's head and makes the rest a hole: a large file that costs nothing. */
public final class DamagedFile {
  private DamagedFile() {}

  /**
   * Writes a file.
   *
   * @param size of the whole file, which the head may exceed
   */
  public static void write(Path path, byte[] head, long size) throws IOException {
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(0);
      file.write(head);
      file.setLength(size);
    }
  }

  /** Cuts a file, as another process may while it is open. */
  public static void cut(Path path, long size) throws IOException {
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
  }
}
