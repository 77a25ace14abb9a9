package dev.burhan.backend;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The matrices of a weight of use EXPERTS where not all are in memory: they are read from the
 * checkpoint by position when they are wanted, never through a mapping, into memory that is bounded
 * for all weights of a store together. Thread-safe.
 */
@ProviderType
public interface ExpertSlots {

  /** How one expert's bytes are arranged: as a stack of one matrix in the layout asked for. */
  Layout layout();

  /** Bytes of one expert. */
  long bytes();

  /**
   * Begins to read an expert, if there is room without giving up what is about to be used; returns
   * at once, and never fails: {@link #acquire} tells what is wrong.
   */
  void prefetch(int expert);

  /**
   * An expert's bytes, which stay until {@link #release}. Blocks until they are read.
   *
   * @throws dev.burhan.provider.BurhanException if the checkpoint can't give them (any more)
   */
  MemorySegment acquire(int expert);

  /** Gives one {@link #acquire} back. */
  void release(int expert);
}
