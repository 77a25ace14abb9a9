package dev.burhan.checkpoint.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.CheckpointFormat;
import dev.burhan.checkpoint.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Opens damaged files: they open and every tensor lies within its file, or there is one clear line;
 * nothing else.
 */
public final class Hardened {
  /** For the reader itself, whatever the file. */
  private static final long FIXED_ALLOCATION = 4 << 20;

  private static final long ALLOCATION_PER_BYTE = 64;

  private final CheckpointFormat format;
  private final Path path;
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  public Hardened(CheckpointFormat format, Path path) {
    this.format = format;
    this.path = path;
  }

  /** How often each kind of end was reached. */
  public Map<String, Integer> outcomes() {
    return outcomes;
  }

  /**
   * Tries one file.
   *
   * @param written the damaged file, below or at {@link #path}
   * @param input names the input in a failure
   */
  public void check(Path written, byte[] bytes, String input) throws IOException {
    Files.write(written, bytes);
    long before = threads.getCurrentThreadAllocatedBytes();
    String outcome = outcome(input);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(
        allocated <= FIXED_ALLOCATION + ALLOCATION_PER_BYTE * bytes.length,
        () -> input + ": " + allocated + " bytes allocated for a file of " + bytes.length);
    outcomes.merge(outcome, 1, Integer::sum);
  }

  private String outcome(String input) {
    format.recognises(path);
    try (Checkpoint checkpoint = format.open(path)) {
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        assertTrue(
            tensor.offset() >= 0
                && tensor.offset() + tensor.bytes() <= tensor.file().toFile().length(),
            input);
        MemorySegment data = checkpoint.data(tensor.name());
        assertEquals(tensor.bytes(), data.byteSize(), input);
        assertEquals(tensor.bytes(), tensor.type().bytes(tensor.shape().elements()), input);
      }
      return "opened";
    } catch (CheckpointException e) {
      String message = e.getMessage();
      assertEquals(1, message.lines().count(), () -> input + ": more than one line: " + message);
      assertTrue(
          message.contains(path.getFileName().toString()),
          () -> input + ": no file in: " + message);
      assertFalse(
          message.contains(": null") || message.contains("Exception"),
          () -> input + ": unclear: " + message);
      assertTrue(message.length() < 1_200, () -> input + ": too long: " + message);
      return "refused at " + stage(message);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(input + " ended in " + e, e);
    }
  }

  private static String stage(String message) {
    for (String stage :
        new String[] {
          ": tensor ",
          ": key ",
          ": the number of ",
          "cut off",
          ": the version",
          "safetensors header",
          "config.json",
          "index.json"
        }) {
      if (message.contains(stage)) {
        return stage.replace(":", "").strip();
      }
    }
    return "the first bytes";
  }
}
