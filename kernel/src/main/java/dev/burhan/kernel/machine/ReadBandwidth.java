package dev.burhan.kernel.machine;

import dev.burhan.provider.HostMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/**
 * How fast memory can be read: the bound of decoding, which reads every weight once a token. A
 * plain Java loop over memory that no cache holds, each thread its own part (which it also touched
 * first), timed in many stretches of a few milliseconds. The ninth decile counts: others who use
 * the machine make most stretches look slow, a lucky cache few look fast.
 */
public final class ReadBandwidth {
  private static final long BYTES = 512L << 20; // several times the largest caches
  private static final long SHARE_OF_AVAILABLE = 8;

  /** Of all threads together; takes far longer than a barrier. */
  private static final long STRETCH = 64L << 20;

  private static final double DECILE = 0.9;
  private static final int WARM_UP_PASSES = 3;
  private static final int PASSES = 8;
  private static final int BLOCK = 1 << 16;

  /** A way to measure: {@link #measure(HostMemory, int)}, or one over less memory. */
  @FunctionalInterface
  public interface Measure {
    double measure(HostMemory memory, int threads) throws InterruptedException;
  }

  private ReadBandwidth() {}

  /**
   * Measures for about half a second.
   *
   * @param threads how many read at once
   * @return bytes a second, all threads together
   */
  public static double measure(HostMemory memory, int threads) throws InterruptedException {
    long available = MachineMemory.available().orElse(SHARE_OF_AVAILABLE * BYTES);
    return measure(memory, threads, Math.min(BYTES, available / SHARE_OF_AVAILABLE));
  }

  /** The same over about so many bytes; fewer than the caches hold measure the caches. */
  public static double measure(HostMemory memory, int threads, long bytes)
      throws InterruptedException {
    long part = Math.max(BLOCK, bytes / threads / BLOCK * BLOCK);
    MemorySegment block = memory.map(part * threads);
    try {
      return read(block, threads, part);
    } finally {
      memory.unmap(block);
    }
  }

  private static double read(MemorySegment block, int threads, long part)
      throws InterruptedException {
    long stretch = Math.clamp(STRETCH / threads / BLOCK * BLOCK, BLOCK, part);
    long[] started = new long[1];
    List<Double> speeds = new ArrayList<>(); // guarded by the barrier
    // Runs while all threads wait: between the end of one stretch and the start of the next.
    CyclicBarrier border =
        new CyclicBarrier(
            threads,
            () -> {
              long now = System.nanoTime();
              if (started[0] != 0) {
                speeds.add(threads * stretch / ((now - started[0]) / 1e9));
              }
              started[0] = System.nanoTime();
            });
    long[] sums = new long[threads]; // kept, so that the loop is not optimised away
    Thread[] readers = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      int reader = t;
      readers[t] =
          Thread.ofPlatform()
              .daemon()
              .name("burhan-bandwidth-" + t)
              .start(
                  () -> sums[reader] = read(block.asSlice(reader * part, part), stretch, border));
    }
    for (Thread reader : readers) {
      reader.join();
    }
    if (speeds.isEmpty()) {
      throw new IllegalStateException("no stretch of memory was read: " + sums.length);
    }
    speeds.sort(null);
    return speeds.get((int) (DECILE * (speeds.size() - 1)));
  }

  private static long read(MemorySegment part, long stretch, CyclicBarrier border) {
    part.fill((byte) 1);
    long sum = 0;
    for (int i = 0; i < WARM_UP_PASSES; i++) {
      sum += sum(part);
    }
    try {
      for (int i = 0; i < PASSES; i++) {
        for (long at = 0; at + stretch <= part.byteSize(); at += stretch) {
          border.await();
          sum += sum(part.asSlice(at, stretch));
        }
      }
      border.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      Thread.currentThread().interrupt();
    }
    return sum;
  }

  /**
   * In calls that are short enough to be compiled as a whole: one long loop would run in code that
   * was compiled while it ran, at a third of the speed (JDK 25).
   */
  private static long sum(MemorySegment part) {
    long sum = 0;
    for (long at = 0; at < part.byteSize(); at += BLOCK) {
      sum += blockSum(part.asSlice(at, BLOCK));
    }
    return sum;
  }

  private static long blockSum(MemorySegment block) {
    long sum = 0;
    for (int i = 0; i < BLOCK / Long.BYTES; i++) {
      sum += block.getAtIndex(ValueLayout.JAVA_LONG, i);
    }
    return sum;
  }
}
