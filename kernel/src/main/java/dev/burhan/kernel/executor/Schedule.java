package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;
import dev.burhan.backend.ColumnKernel;
import dev.burhan.backend.Kernel;
import java.util.ArrayList;
import java.util.List;

/** Puts bound kernels, which come in the order of the graph, into as few regions as they allow. */
final class Schedule {
  private final int threads;
  private final List<StepRegion> regions = new ArrayList<>();
  private final List<ColumnKernel> chain = new ArrayList<>();

  Schedule(int threads) {
    this.threads = threads;
  }

  /**
   * Adds kernels that don't need each other.
   *
   * @param byColumn whether their values allow a chain: see {@link NodeGroups#byColumn}
   */
  void add(List<? extends Kernel> kernels, boolean byColumn) {
    kernels.forEach(kernel -> kernel.prologue().ifPresent(chain::add));
    if (byColumn && kernels.stream().allMatch(ColumnKernel.class::isInstance)) {
      kernels.forEach(kernel -> chain.add((ColumnKernel) kernel));
      return;
    }
    endChain();
    regions.add(new KernelGroup(List.copyOf(kernels)));
  }

  /** Tells a kernel, once what was added so far has run, that its inputs are written. */
  void announce(Kernel kernel) {
    endChain();
    regions.add(new Announcement(kernel));
  }

  /** No part of its own: the call is made while the region would be cut. */
  private record Announcement(Kernel kernel) implements StepRegion {
    @Override
    public int prepare(Batch batch) {
      kernel.inputsReady(batch);
      return 0;
    }

    @Override
    public void run(Batch batch, int part, int worker) {
      throw new IllegalStateException("an announcement has no parts");
    }
  }

  private void endChain() {
    if (!chain.isEmpty()) {
      regions.add(new ColumnChain(chain, threads));
      chain.clear();
    }
  }

  StepRegion[] regions() {
    endChain();
    return regions.toArray(StepRegion[]::new);
  }
}
