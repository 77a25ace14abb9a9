package dev.burhan.kernel.weights;

import dev.burhan.backend.Rows;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;

/** The experts of a stack one by one. */
final class SingleExpert {
  private final Expression all;
  private final Weight weight;
  private final long rows;

  /**
   * Of a stack, shape (experts, rows, cols).
   *
   * @param all its numbers
   */
  SingleExpert(Weight stack, Expression all) {
    this.all = all;
    this.rows = stack.shape().rows() / stack.shape().dim(0);
    this.weight =
        new Weight(
            stack.name(),
            stack.type(),
            Shape.of(1, rows, stack.shape().cols()),
            new Source.Slice(stack.source(), 0, 0, 1),
            stack.use());
  }

  /** Any of them as a weight of its own: a stack of one. */
  Weight weight() {
    return weight;
  }

  /** Bytes of one in the file's layout. */
  long bytes() {
    return rows * all.rowBytes();
  }

  /** Reads one in the file's layout. */
  void read(int expert, MemorySegment to) {
    all.read(expert * rows, rows, to);
  }

  /** One's rows. */
  Rows rows(int expert) {
    long from = expert * rows;
    return new Rows() {
      @Override
      public long count() {
        return rows;
      }

      @Override
      public long cols() {
        return all.cols();
      }

      @Override
      public void read(long first, long some, MemorySegment to) {
        all.read(from + first, some, to);
      }
    };
  }
}
