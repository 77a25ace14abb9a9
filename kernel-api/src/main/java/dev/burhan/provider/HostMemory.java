package dev.burhan.provider;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Large blocks of host memory outside of the Java heap: page-aligned, zeroed, committed on first
 * touch where the system can.
 */
@ProviderType
public interface HostMemory {

  /**
   * Reserves memory.
   *
   * @param bytes size, at least 1
   * @return a zeroed segment of exactly that size, aligned to 4,096 bytes, usable by every thread
   *     until {@link #unmap}
   * @throws BurhanException if the system has no room
   */
  MemorySegment map(long bytes);

  /**
   * Gives memory back. The caller guarantees that nobody uses it any more.
   *
   * @throws IllegalArgumentException if the segment did not come from {@link #map} or was given
   *     back already
   */
  void unmap(MemorySegment segment);
}
