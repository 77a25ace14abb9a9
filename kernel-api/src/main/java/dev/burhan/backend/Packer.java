package dev.burhan.backend;

import dev.burhan.graph.Weight;
import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Arranges weights in a library's own layout. Stateless; called by several threads for different
 * parts of one weight.
 */
@ConsumerType
public interface Packer {

  /** Bytes that the weight takes when packed. */
  long bytes(Weight weight);

  /**
   * Rows that are packed together: parts begin at multiples of it. Of a stack of matrices, shape
   * (experts, rows, cols), each matrix is cut by itself, so that an expert's panels are its own.
   */
  int rowsPerPanel();

  /**
   * Packs rows {@code [first, first + count)}; {@code first}, counted within its matrix, is a
   * multiple of {@link #rowsPerPanel()}, and all rows are of one matrix.
   *
   * @param rows read by position and not through a mapping, which would leave the original resident
   *     beside the packed copy
   * @param to the whole packed weight; each call writes only what belongs to its rows
   */
  void pack(Weight weight, Rows rows, long first, long count, MemorySegment to);
}
