package dev.burhan.backend;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/** Memory of a worker's own, for the time of one part. */
@ProviderType
@FunctionalInterface
public interface Scratch {

  /**
   * At least as many bytes as were asked for, aligned to 64; contents are whatever the last part
   * left.
   */
  MemorySegment of(int worker);
}
