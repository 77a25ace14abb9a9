package dev.burhan.kernel.weights;

import dev.burhan.backend.Packer;
import dev.burhan.backend.Rows;
import dev.burhan.graph.Weight;
import dev.burhan.provider.BurhanException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;

/**
 * Rows cut into parts of about {@link #NUMBERS}, that several threads fill.
 *
 * @param matrices so many, each cut by itself
 * @param matrixRows rows of each
 * @param step rows of a part, a multiple of a panel's; the last one of a matrix may have less
 */
record Parts(long matrices, long matrixRows, long step) {
  /**
   * Numbers that one part of a weight holds, about: few parts, since packers take scratch memory
   * for each, and still some dozens of a large weight.
   */
  private static final long NUMBERS = 1 << 20;

  /** Fills some rows. */
  @FunctionalInterface
  interface Part {
    void fill(long firstRow, long rows);
  }

  static Parts of(Rows rows, long matrixRows, int rowsPerPanel) {
    long step = Math.ceilDiv(NUMBERS, Math.max(1, rows.cols()));
    return new Parts(
        matrixRows == 0 ? 0 : rows.count() / matrixRows,
        matrixRows,
        Math.ceilDiv(step, rowsPerPanel) * rowsPerPanel);
  }

  /** Bytes of no weight's rows in particular, in parts. */
  static Parts ofBytes(long bytes) {
    return new Parts(bytes == 0 ? 0 : 1, bytes, NUMBERS);
  }

  private long eachMatrix() {
    return Math.ceilDiv(matrixRows, step);
  }

  private void fill(long index, Part part) {
    long matrix = index / eachMatrix();
    long within = index % eachMatrix() * step;
    part.fill(matrix * matrixRows + within, Math.min(step, matrixRows - within));
  }

  /**
   * Fills all parts. When it returns or throws nobody writes any more: no part may throw, or a
   * parallel stream would return while others still do.
   */
  void fill(Part part) {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    LongStream.range(0, matrices * eachMatrix())
        .parallel()
        .forEach(
            index -> {
              try {
                if (failure.get() == null) {
                  fill(index, part);
                }
              } catch (Throwable e) {
                failure.compareAndSet(null, e);
              }
            });
    if (failure.get() != null) {
      throw rethrown(failure.get());
    }
  }

  /**
   * Packs a weight.
   *
   * @param to all of it
   */
  static void pack(Weight weight, Rows rows, Packer packer, MemorySegment to) {
    int rank = weight.shape().rank();
    long matrixRows = rank > 2 ? weight.shape().dim(rank - 2) : rows.count();
    of(rows, matrixRows, packer.rowsPerPanel())
        .fill((first, count) -> packer.pack(weight, rows, first, count, to));
  }

  static RuntimeException rethrown(Throwable cause) {
    return switch (cause) {
      case BurhanException e -> e;
      case Error e -> throw e;
      case RuntimeException e -> e;
      default -> new IllegalStateException(cause);
    };
  }
}
