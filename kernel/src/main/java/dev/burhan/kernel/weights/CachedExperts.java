package dev.burhan.kernel.weights;

import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.graph.Weight;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * The experts of one weight in an {@link ExpertCache}. They are read as they are packed where the
 * whole stack is kept, and else packed at each miss.
 */
final class CachedExperts implements ExpertSlots {
  private final ExpertCache cache;
  private final int number;
  private final Layout layout;
  private final Optional<Packer> packer;
  private final SingleExpert experts;
  private final long bytes;
  private final Optional<PackedWeights.Kept> kept;
  private final LongAdder keptBytes;

  /** Finds a stack's packed bytes, of so many. */
  @FunctionalInterface
  interface Finder {
    Optional<PackedWeights.Kept> find(Packer packer, long bytes);
  }

  /**
   * Experts of a weight.
   *
   * @param number of the weight and layout within the cache
   * @param keptBytes counts what was read as it is packed
   */
  CachedExperts(
      ExpertCache cache,
      int number,
      Weight weight,
      Expression expression,
      Layout layout,
      Optional<Packer> packer,
      Finder finder,
      LongAdder keptBytes) {
    this.cache = cache;
    this.number = number;
    this.layout = layout;
    this.packer = packer;
    this.keptBytes = keptBytes;
    this.experts = new SingleExpert(weight, expression);
    this.bytes = packer.map(made -> made.bytes(experts.weight())).orElseGet(experts::bytes);
    long stack = bytes * weight.shape().dim(0);
    this.kept =
        packer
            // a layout in which experts don't follow each other is no stack of them
            .filter(made -> made.bytes(weight) == stack)
            .flatMap(made -> finder.find(made, stack));
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
    if (kept.isPresent()) {
      kept.get().read(expert * bytes, to);
      keptBytes.add(bytes);
    } else if (packer.isEmpty()) {
      experts.read(expert, to);
    } else {
      Weight one = experts.weight();
      packer.get().pack(one, experts.rows(expert), 0, one.shape().rows(), to);
    }
  }

  /** Called when nothing is read any more. */
  void close() {
    kept.ifPresent(PackedWeights.Kept::close);
  }
}
