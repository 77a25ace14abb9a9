package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Kernel;
import java.util.List;

/**
 * Kernels that don't need each other, run as one parallel region: their parts are numbered through.
 */
final class KernelGroup implements StepRegion {
  /**
   * Multiply-adds that no other thread is asked to share: two to ten microseconds. To hand a part
   * out takes one, if the other thread is awake and has a processor, and much longer if not.
   */
  private static final long LITTLE = 1 << 17;

  private final Kernel[] kernels;
  private final int[] firstPart; // of this step
  private boolean little; // this step

  KernelGroup(List<Kernel> kernels) {
    this.kernels = kernels.toArray(Kernel[]::new);
    this.firstPart = new int[this.kernels.length + 1];
  }

  @Override
  public int prepare(Batch batch) {
    long left = LITTLE;
    for (int i = 0; i < kernels.length; i++) {
      firstPart[i + 1] = firstPart[i] + kernels[i].parts(batch);
      left -= Math.min(kernels[i].work(batch), LITTLE + 1);
    }
    little = left >= 0;
    return firstPart[kernels.length];
  }

  @Override
  public boolean little() {
    return little;
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int kernel = 0;
    while (part >= firstPart[kernel + 1]) {
      kernel++;
    }
    kernels[kernel].run(batch, part - firstPart[kernel], worker);
  }
}
