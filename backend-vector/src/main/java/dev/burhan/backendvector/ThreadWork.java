package dev.burhan.backendvector;

import java.lang.ref.WeakReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * Scratch by thread, made when a thread first needs it; small, see {@link Work}. A model's thread
 * outlives the kernels that it runs, and must not keep them and their bundle's classes: it refers
 * to its scratch weakly, and the kernels hold it.
 */
final class ThreadWork implements Supplier<Work> {
  private final ThreadLocal<WeakReference<Work>> ofThread = new ThreadLocal<>();
  private final Queue<Work> all = new ConcurrentLinkedQueue<>();

  @Override
  public Work get() {
    WeakReference<Work> known = ofThread.get();
    Work work = known == null ? null : known.get();
    return work == null ? make() : work;
  }

  private Work make() {
    Work work = new Work();
    all.add(work);
    ofThread.set(new WeakReference<>(work));
    return work;
  }
}
