package dev.burhan.backend;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/** The rows of a weight whatever its source, in the weight's own type. Thread-safe. */
@ProviderType
public interface Rows {

  /** Number of rows: all dimensions but the innermost. */
  long count();

  /** Numbers a row. */
  long cols();

  /**
   * Reads rows {@code [first, first + count)}.
   *
   * @param to filled from its start: {@code count * type.bytes(cols)} bytes
   */
  void read(long first, long count, MemorySegment to);
}
