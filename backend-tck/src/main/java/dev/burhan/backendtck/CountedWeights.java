package dev.burhan.backendtck;

import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Resident;
import dev.burhan.backend.WeightStore;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A store of weights that counts holds, and that can be made to fail at one of them. */
final class CountedWeights implements WeightStore, AutoCloseable {
  private final CheckpointWeightStore store;
  private final AtomicInteger holds = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile int most = Integer.MAX_VALUE;

  CountedWeights(Checkpoint checkpoint, CountedMemory memory) {
    this.store = new CheckpointWeightStore(checkpoint, memory);
  }

  /** From here on, so many weights more can be read and then no other. */
  void allow(int weights) {
    asked.set(0);
    most = weights;
  }

  /** Weights asked for since the last call of {@link #allow}. */
  int asked() {
    return asked.get();
  }

  /** How many weights are held. */
  int holds() {
    return holds.get();
  }

  @Override
  public Resident acquire(Weight weight, Layout layout) {
    check(weight);
    return counted(store.acquire(weight, layout));
  }

  @Override
  public Resident acquire(Weight weight, Layout layout, Packer packer) {
    check(weight);
    return counted(store.acquire(weight, layout, packer));
  }

  private void check(Weight weight) {
    if (asked.incrementAndGet() > most) {
      throw new CheckpointException("tck: tensor '" + weight.name() + "' can't be read");
    }
  }

  private Resident counted(Resident resident) {
    holds.incrementAndGet();
    AtomicBoolean open = new AtomicBoolean(true);
    return new Resident() {
      @Override
      public Weight weight() {
        return resident.weight();
      }

      @Override
      public Layout layout() {
        return resident.layout();
      }

      @Override
      public MemorySegment segment() {
        return resident.segment();
      }

      @Override
      public void close() {
        if (open.compareAndSet(true, false)) {
          holds.decrementAndGet();
          resident.close();
        }
      }
    };
  }

  @Override
  public Optional<ExpertSlots> slots(Weight weight, Layout layout, Optional<Packer> packer) {
    return store.slots(weight, layout, packer);
  }

  @Override
  public void close() {
    store.close();
  }
}
