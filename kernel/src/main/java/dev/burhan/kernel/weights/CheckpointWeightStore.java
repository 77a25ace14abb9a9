package dev.burhan.kernel.weights;

import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Resident;
import dev.burhan.backend.WeightStore;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.Weight;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weights of one checkpoint, each (weight, layout) in memory once and counted. A weight that
 * the file holds as it is wanted stays where it is mapped; the others are made in parts, by several
 * threads, in memory of their own that is given back with the last hold. Parts are read by
 * position, so that of the original no more than the parts at work is ever resident.
 *
 * <p>Panels are first touched by threads of the common pool and not by the worker in whose share
 * they are: programs come and go while weights stay. It matters on machines with several memory
 * nodes only.
 *
 * <p>The store owns the checkpoint: it is closed once the store is closed and nobody holds a weight
 * any more.
 */
public final class CheckpointWeightStore implements WeightStore, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWeightStore.class);

  private final Checkpoint checkpoint;
  private final HostMemory memory;
  private final PackedWeights packed;
  private final Map<WeightKey, Entry> entries = new HashMap<>(); // guarded by this
  private final PackerProbes probes = new PackerProbes();
  private final AtomicLong mappedBytes = new AtomicLong();
  private final AtomicLong madeBytes = new AtomicLong();
  private final AtomicLong cachedBytes = new AtomicLong();
  private final Optional<DiskExperts> experts;
  private boolean closed; // guarded by this

  /** Bytes of a weight, and what gives them back. */
  private record Bytes(MemorySegment segment, Runnable release) {}

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
    this(checkpoint, memory, PackedWeights.NONE);
  }

  /**
   * Takes over the checkpoint and its packed weights.
   *
   * @param packed asked before a weight is packed, and told after
   */
  public CheckpointWeightStore(Checkpoint checkpoint, HostMemory memory, PackedWeights packed) {
    this(checkpoint, memory, packed, 0);
  }

  /**
   * The same with a bound for experts.
   *
   * @param expertBytes memory that experts may take, the rest being read when it is wanted; 0 for
   *     as much as all of them take
   */
  public CheckpointWeightStore(
      Checkpoint checkpoint, HostMemory memory, PackedWeights packed, long expertBytes) {
    this.experts =
        expertBytes == 0
            ? Optional.empty()
            : Optional.of(new DiskExperts(expertBytes, memory, packed, probes));
    this.checkpoint = checkpoint;
    this.memory = memory;
    this.packed = packed;
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
    WeightKey key = WeightKey.of(weight, layout);
    return acquire(weight, layout, expression -> packed(key, weight, expression, packer));
  }

  @Override
  public Optional<ExpertSlots> slots(Weight weight, Layout layout, Optional<Packer> packer) {
    if (experts.isEmpty() || !inSlots(weight, layout)) {
      return Optional.empty();
    }
    return Optional.of(experts.get().slots(weight, layout, packer, this::expression));
  }

  /** Whether a weight is one whose matrices are in memory by need, where there is a bound. */
  public static boolean inSlots(Weight weight, Layout layout) {
    return weight.use() == Weight.Use.EXPERTS && !layout.equals(Layout.F32);
  }

  /** What became of the experts that were wanted; empty if all are in memory. */
  public Optional<ExpertCounts> expertCounts() {
    return experts.map(DiskExperts::counts);
  }

  private Resident acquire(Weight weight, Layout layout, Maker maker) {
    WeightKey key = WeightKey.of(weight, layout);
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
      return new Hold(weight, key, entry, entry.bytes.join().segment());
    } catch (CompletionException e) {
      release(key, entry);
      throw Parts.rethrown(e.getCause());
    }
  }

  /** Another hold of what somebody holds already. */
  private Optional<Resident> held(WeightKey key, Weight weight) {
    Entry entry;
    synchronized (this) {
      entry = entries.get(key);
      if (closed || entry == null || !entry.bytes.isDone()) {
        return Optional.empty();
      }
      entry.holds++;
    }
    if (entry.bytes.isCompletedExceptionally()) {
      release(key, entry);
      return Optional.empty();
    }
    return Optional.of(new Hold(weight, key, entry, entry.bytes.join().segment()));
  }

  private void release(WeightKey key, Entry entry) {
    boolean closing;
    synchronized (this) {
      if (--entry.holds > 0) {
        return;
      }
      entries.remove(key, entry);
      closing = closed && entries.isEmpty();
    }
    if (!entry.bytes.isCompletedExceptionally()) {
      entry.bytes.join().release().run();
    }
    if (closing) {
      end();
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
    packed.close();
    if (closing) {
      end();
    }
  }

  private void end() {
    experts.ifPresent(DiskExperts::close);
    checkpoint.close();
  }

  /** How many (weight, layout) pairs are in memory. */
  public synchronized int residents() {
    return entries.size();
  }

  /** Bytes of weights that were handed out where the file is mapped. */
  public long mappedBytes() {
    return mappedBytes.get();
  }

  /** Bytes of weights that were made: packed, dequantised or moved together. */
  public long madeBytes() {
    return madeBytes.get();
  }

  /** Bytes of packed weights that were there from an earlier start. */
  public long cachedBytes() {
    return cachedBytes.get();
  }

  private Expression expression(Weight weight) {
    return Expression.of(weight, checkpoint);
  }

  private Bytes inFileLayout(Expression expression) {
    // With experts on the disk nothing is mapped: a file that shrinks would end the process.
    Optional<MemorySegment> inPlace =
        experts.isPresent()
            ? Optional.empty()
            : expression.inPlace().filter(s -> aligned(expression, s));
    if (inPlace.isPresent()) {
      mappedBytes.addAndGet(inPlace.get().byteSize());
      return new Bytes(inPlace.get().asReadOnly(), () -> {});
    }
    MemorySegment made = memory.map(Math.multiplyExact(expression.count(), expression.rowBytes()));
    return filled(
        made,
        () ->
            Parts.of(expression, expression.count(), 1)
                .fill(
                    (first, count) ->
                        expression.readRows(
                            first, count, made.asSlice(first * expression.rowBytes()))));
  }

  /** Plain numbers are aligned to their own size: safetensors files don't promise it. */
  private static boolean aligned(Expression expression, MemorySegment segment) {
    return expression.type().isBlocked() || segment.address() % expression.type().blockBytes() == 0;
  }

  private Bytes packed(WeightKey key, Weight weight, Expression expression, Packer packer) {
    long bytes = packer.bytes(weight);
    Supplier<String> probe = probes.of(weight, key.layout(), packer);
    Optional<Bytes> kept = kept(key, probe, bytes);
    if (kept.isPresent()) {
      cachedBytes.addAndGet(bytes);
      return kept.get();
    }
    MemorySegment made = memory.map(bytes);
    Bytes filled = filled(made, () -> Parts.pack(weight, expression, packer, made));
    packed.keep(key, probe, bytes, () -> held(key, weight));
    return filled;
  }

  /** Where it was kept: mapped, or, as all is with experts on the disk, read. */
  private Optional<Bytes> kept(WeightKey key, Supplier<String> probe, long bytes) {
    return experts.isEmpty()
        ? packed.find(key, probe, bytes).map(found -> new Bytes(found.segment(), found.release()))
        : packed.open(key, probe, bytes).flatMap(this::read);
  }

  private Optional<Bytes> read(PackedWeights.Kept kept) {
    try (kept) {
      MemorySegment made = memory.map(kept.bytes());
      try {
        Parts.ofBytes(kept.bytes())
            .fill((first, count) -> kept.read(first, made.asSlice(first, count)));
      } catch (RuntimeException | Error e) {
        memory.unmap(made);
        throw e;
      }
      return Optional.of(new Bytes(made, () -> memory.unmap(made)));
    } catch (BurhanException e) {
      LOG.warn("{}; the weight is packed again", e.getMessage());
      return Optional.empty();
    }
  }

  private Bytes filled(MemorySegment made, Runnable filler) {
    try {
      filler.run();
    } catch (RuntimeException | Error e) {
      memory.unmap(made);
      throw e;
    }
    madeBytes.addAndGet(made.byteSize());
    return new Bytes(made, () -> memory.unmap(made));
  }

  private final class Hold implements Resident {
    private final Weight weight;
    private final WeightKey key;
    private final Entry entry;
    private final MemorySegment segment;
    private final AtomicBoolean given = new AtomicBoolean();

    Hold(Weight weight, WeightKey key, Entry entry, MemorySegment segment) {
      this.weight = weight;
      this.key = key;
      this.entry = entry;
      this.segment = segment.asReadOnly();
    }

    @Override
    public Weight weight() {
      return weight;
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
