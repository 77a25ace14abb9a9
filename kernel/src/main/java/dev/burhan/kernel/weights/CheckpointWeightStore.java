package dev.burhan.kernel.weights;

import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Resident;
import dev.burhan.backend.WeightStore;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.Weight;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.HostMemory;
import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;

/**
 * The weights of one checkpoint, each (weight, layout) in memory once and counted. A weight that
 * the file holds as it is wanted stays where it is mapped; the others are made in parts, by several
 * threads, in memory of their own that is given back with the last hold.
 *
 * <p>The store owns the checkpoint: it is closed once the store is closed and nobody holds a weight
 * any more.
 */
public final class CheckpointWeightStore implements WeightStore, AutoCloseable {
  /** Numbers that one part of a weight holds, about: small beside a cache, large beside a call. */
  private static final long PART_NUMBERS = 1 << 18;

  private final Checkpoint checkpoint;
  private final HostMemory memory;
  private final Map<Key, Entry> entries = new HashMap<>(); // guarded by this
  private boolean closed; // guarded by this

  private record Key(Weight weight, Layout layout) {}

  /** Bytes of a weight; {@code owned} if they were taken from the host memory. */
  private record Bytes(MemorySegment segment, boolean owned) {}

  private static final class Entry {
    final CompletableFuture<Bytes> bytes = new CompletableFuture<>();
    int holds; // guarded by the store
  }

  /** Makes a weight's bytes; runs outside of every lock. */
  @FunctionalInterface
  private interface Maker {
    Bytes make(Expression expression);
  }

  public CheckpointWeightStore(Checkpoint checkpoint, HostMemory memory) {
    this.checkpoint = checkpoint;
    this.memory = memory;
  }

  @Override
  public Resident acquire(Weight weight, Layout layout) {
    if (layout.equals(Layout.FILE)) {
      return acquire(weight, layout, this::inFileLayout);
    }
    if (layout.equals(Layout.F32)) {
      return acquire(weight, layout, expression -> inFileLayout(expression.asF32()));
    }
    throw new IllegalArgumentException("layout " + layout + " needs a packer");
  }

  @Override
  public Resident acquire(Weight weight, Layout layout, Packer packer) {
    return acquire(weight, layout, expression -> packed(weight, expression, packer));
  }

  private Resident acquire(Weight weight, Layout layout, Maker maker) {
    Key key = new Key(weight, layout);
    Entry entry;
    boolean first;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the weights of " + checkpoint.path() + " are closed");
      }
      entry = entries.computeIfAbsent(key, k -> new Entry());
      first = entry.holds++ == 0;
    }
    if (first) {
      try {
        entry.bytes.complete(maker.make(expression(weight)));
      } catch (Throwable e) {
        entry.bytes.completeExceptionally(e);
      }
    }
    try {
      return new Hold(key, entry, entry.bytes.join().segment());
    } catch (CompletionException e) {
      release(key, entry);
      throw rethrown(e.getCause());
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    return switch (cause) {
      case BurhanException e -> e;
      case Error e -> throw e;
      case RuntimeException e -> e;
      default -> new IllegalStateException(cause);
    };
  }

  private void release(Key key, Entry entry) {
    boolean closing;
    synchronized (this) {
      if (--entry.holds > 0) {
        return;
      }
      entries.remove(key, entry);
      closing = closed && entries.isEmpty();
    }
    if (!entry.bytes.isCompletedExceptionally() && entry.bytes.join().owned()) {
      memory.unmap(entry.bytes.join().segment());
    }
    if (closing) {
      checkpoint.close();
    }
  }

  /** Hands out no more weights; the checkpoint is closed with the last hold. Idempotent. */
  @Override
  public void close() {
    boolean closing;
    synchronized (this) {
      closing = !closed && entries.isEmpty();
      closed = true;
    }
    if (closing) {
      checkpoint.close();
    }
  }

  /** How many (weight, layout) pairs are in memory. */
  public synchronized int residents() {
    return entries.size();
  }

  /** The weight's numbers, in its own type and shape. */
  private Expression expression(Weight weight) {
    Expression expression = Expression.of(weight.source(), checkpoint);
    if (!expression.shape().equals(weight.shape())) {
      throw expression.wrong(
          "has shape %s, expected %s".formatted(expression.shape(), weight.shape()));
    }
    if (weight.type().equals(DataType.F32)) {
      return expression.asF32();
    }
    if (!expression.type().equals(weight.type())) {
      throw expression.wrong(
          "is of type %s, expected %s".formatted(expression.type(), weight.type()));
    }
    return expression;
  }

  private Bytes inFileLayout(Expression expression) {
    Optional<MemorySegment> inPlace = expression.inPlace().filter(s -> aligned(expression, s));
    if (inPlace.isPresent()) {
      return new Bytes(inPlace.get().asReadOnly(), false);
    }
    MemorySegment made = memory.map(Math.multiplyExact(expression.count(), expression.rowBytes()));
    return filled(
        made,
        expression,
        1,
        (first, count) ->
            expression.readRows(first, count, made.asSlice(first * expression.rowBytes())));
  }

  /** Plain numbers are aligned to their own size: safetensors files don't promise it. */
  private static boolean aligned(Expression expression, MemorySegment segment) {
    return expression.type().isBlocked() || segment.address() % expression.type().blockBytes() == 0;
  }

  private Bytes packed(Weight weight, Expression expression, Packer packer) {
    MemorySegment made = memory.map(packer.bytes(weight));
    return filled(
        made,
        expression,
        packer.rowsPerPanel(),
        (first, count) -> packer.pack(weight, expression, first, count, made));
  }

  @FunctionalInterface
  private interface Part {
    void fill(long firstRow, long rows);
  }

  /** Fills memory in parts that begin at multiples of {@code rowsPerPanel} rows. */
  private Bytes filled(MemorySegment made, Expression expression, int rowsPerPanel, Part part) {
    long rows = Math.ceilDiv(PART_NUMBERS, Math.max(1, expression.cols()));
    long step = Math.ceilDiv(rows, rowsPerPanel) * rowsPerPanel;
    // No part may throw: a parallel stream would return while others still write to this memory.
    AtomicReference<Throwable> failure = new AtomicReference<>();
    LongStream.range(0, Math.ceilDiv(expression.count(), step))
        .parallel()
        .forEach(
            i -> {
              try {
                if (failure.get() == null) {
                  part.fill(i * step, Math.min(step, expression.count() - i * step));
                }
              } catch (Throwable e) {
                failure.compareAndSet(null, e);
              }
            });
    if (failure.get() != null) {
      memory.unmap(made);
      throw rethrown(failure.get());
    }
    return new Bytes(made, true);
  }

  private final class Hold implements Resident {
    private final Key key;
    private final Entry entry;
    private final MemorySegment segment;
    private final AtomicBoolean given = new AtomicBoolean();

    Hold(Key key, Entry entry, MemorySegment segment) {
      this.key = key;
      this.entry = entry;
      this.segment = segment.asReadOnly();
    }

    @Override
    public Weight weight() {
      return key.weight();
    }

    @Override
    public Layout layout() {
      return key.layout();
    }

    @Override
    public MemorySegment segment() {
      return segment;
    }

    @Override
    public void close() {
      if (given.compareAndSet(false, true)) {
        release(key, entry);
      }
    }
  }
}
