package dev.burhan.kernel.executor;

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
