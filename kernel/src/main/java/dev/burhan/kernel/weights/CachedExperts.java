package dev.burhan.kernel.weights;

import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Rows;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The experts of one weight in an {@link ExpertCache}. */
final class CachedExperts implements ExpertSlots {
  private final ExpertCache cache;
  private final int number;
  private final Expression expression;
  private final Layout layout;
  private final Optional<Packer> packer;
  private final Weight one;
  private final long rows;
  private final long bytes;

  /**
   * @param number of the weight and layout within the cache
   */
  CachedExperts(
      ExpertCache cache,
      int number,
      Weight weight,
      Expression expression,
      Layout layout,
      Optional<Packer> packer) {
    this.cache = cache;
    this.number = number;
    this.expression = expression;
    this.layout = layout;
    this.packer = packer;
    this.rows = weight.shape().rows() / weight.shape().dim(0);
    this.one =
        new Weight(
            weight.name(),
            weight.type(),
            Shape.of(1, rows, weight.shape().cols()),
            new Source.Slice(weight.source(), 0, 0, 1),
            weight.use());
    this.bytes = packer.map(made -> made.bytes(one)).orElse(rows * expression.rowBytes());
  }

  @Override
  public Layout layout() {
    return layout;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void prefetch(int expert) {
    cache.prefetch(new ExpertCache.Key(number, expert), bytes, to -> read(expert, to));
  }

  @Override
  public MemorySegment acquire(int expert) {
    return cache
        .acquire(new ExpertCache.Key(number, expert), bytes, to -> read(expert, to))
        .asReadOnly();
  }

  @Override
  public void release(int expert) {
    cache.release(new ExpertCache.Key(number, expert));
  }

  private void read(int expert, MemorySegment to) {
    if (packer.isEmpty()) {
      expression.read(expert * rows, rows, to);
    } else {
      packer.get().pack(one, new Expert(expression, expert * rows, rows), 0, rows, to);
    }
  }

  /** The rows of one expert. */
  private record Expert(Expression all, long from, long count) implements Rows {
    @Override
    public long cols() {
      return all.cols();
    }

    @Override
    public void read(long first, long some, MemorySegment to) {
      all.read(from + first, some, to);
    }
  }
}
