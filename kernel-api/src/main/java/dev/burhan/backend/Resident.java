package dev.burhan.backend;

import dev.burhan.graph.Weight;
import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/** A weight in memory, counted: the bytes stay as long as anyone holds it. */
@ProviderType
public interface Resident extends AutoCloseable {

  Weight weight();

  Layout layout();

  /** The bytes, outside of the Java heap, read-only, exactly as long as the layout needs. */
  MemorySegment segment();

  /** Gives this hold back; idempotent. */
  @Override
  void close();
}
