package dev.burhan.backend;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Another form of an activation row that several kernels want, such as 8-bit numbers with a scale
 * for each 32. The executor encodes each row once, after the value was written, and shares it:
 * query, key and value projections read one copy.
 */
@ConsumerType
public interface Encoding {

  /** Unique name with a version; equal names mean equal bytes. */
  String name();

  /**
   * Bytes that a row of {@code width} numbers takes; rows follow one another at multiples of it.
   */
  long bytesPerRow(int width);

  /**
   * Encodes one row.
   *
   * @param from F32 numbers at byte {@code fromOffset}
   * @param to written from byte {@code toOffset} on
   */
  void encode(MemorySegment from, long fromOffset, int width, MemorySegment to, long toOffset);
}
