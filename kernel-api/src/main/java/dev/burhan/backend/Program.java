package dev.burhan.backend;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A graph, compiled and bound to its weights and memory. One caller at a time; {@link #step}
 * allocates nothing.
 */
@ConsumerType
public interface Program extends AutoCloseable {

  Plan plan();

  KvPages pages();

  /**
   * Runs one step and blocks until it ended.
   *
   * @param inputs the graph's inputs by the value's name, each (columns, width) F32; empty for a
   *     whole model
   * @param outputs where results go
   * @throws IllegalArgumentException if the batch is larger than the plan's limits or a token id is
   *     out of range
   * @throws IllegalStateException if the program is closed
   */
  Outcome step(Batch batch, Map<String, MemorySegment> inputs, Outputs outputs, Stop stop);

  /** Frees everything; idempotent; waits for the running step. */
  @Override
  void close();
}
