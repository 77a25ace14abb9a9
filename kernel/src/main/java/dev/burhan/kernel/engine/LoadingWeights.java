package dev.burhan.kernel.engine;

import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Resident;
import dev.burhan.backend.WeightStore;
import dev.burhan.graph.Weight;
import dev.burhan.provider.Progress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Tells how many of a model's weights are in memory while its program is compiled. */
final class LoadingWeights implements WeightStore {
  private final WeightStore store;
  private final String work;
  private final long total; // bytes, as planned
  private final Progress progress;
  private final AtomicLong done = new AtomicLong();

  LoadingWeights(WeightStore store, String model, long total, Progress progress) {
    this.store = store;
    this.work = "loading " + model;
    this.total = total;
    this.progress = progress;
    progress.update(work, 0, total);
  }

  @Override
  public Resident acquire(Weight weight, Layout layout) {
    return count(store.acquire(weight, layout));
  }

  @Override
  public Resident acquire(Weight weight, Layout layout, Packer packer) {
    return count(store.acquire(weight, layout, packer));
  }

  @Override
  public Optional<ExpertSlots> slots(Weight weight, Layout layout, Optional<Packer> packer) {
    return store.slots(weight, layout, packer);
  }

  /** A weight that is used twice counts twice: the end is told by {@link #finish} alone. */
  private Resident count(Resident resident) {
    long sum = done.addAndGet(resident.segment().byteSize());
    progress.update(work, Math.min(sum, Math.max(0, total - 1)), total);
    return resident;
  }

  void finish() {
    progress.update(work, total, total);
  }
}
