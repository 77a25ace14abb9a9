package dev.burhan.kernel.machine;

import dev.burhan.provider.HostMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/**
 * How fast memory can be read: the bound of decoding, which reads every weight once a token. A
 * plain Java loop over memory that no cache holds, each thread its own part (which it also touched
 * first), the best of several passes.
 */
public final class ReadBandwidth {
  private static final long BYTES = 512L << 20; // several times the largest caches
  private static final long SHARE_OF_AVAILABLE = 8;
  private static final int WARM_UP_PASSES = 3;
  private static final int PASSES = 8;
  private static final int UNROLLED = 8 * Long.BYTES;

  private ReadBandwidth() {}

  /**
   * Measures for about half a second.
   *
   * @param threads how many read at once
   * @return bytes a second, all threads together
   */
  public static double measure(HostMemory memory, int threads) throws InterruptedException {
    long available = MachineMemory.available().orElse(SHARE_OF_AVAILABLE * BYTES);
    long part = Math.min(BYTES, available / SHARE_OF_AVAILABLE) / threads / UNROLLED * UNROLLED;
    return measure(memory, threads, Math.max(part, UNROLLED));
  }

  static double measure(HostMemory memory, int threads, long part) throws InterruptedException {
    MemorySegment block = memory.map(part * threads);
    try {
      return measure(block, threads, part);
    } finally {
      memory.unmap(block);
    }
  }

  private static double measure(MemorySegment block, int threads, long part)
      throws InterruptedException {
    long[] started = new long[1];
    double[] best = new double[1];
    // Runs while all threads wait: between the end of one pass and the start of the next.
    CyclicBarrier pass =
        new CyclicBarrier(
            threads,
            () -> {
              long now = System.nanoTime();
              if (started[0] != 0) {
                best[0] = Math.max(best[0], block.byteSize() / ((now - started[0]) / 1e9));
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
              .start(() -> sums[reader] = read(block.asSlice(reader * part, part), pass));
    }
    for (Thread reader : readers) {
      reader.join();
    }
    if (best[0] == 0) {
      throw new IllegalStateException("no pass over memory was finished: " + sums.length);
    }
    return best[0];
  }

  private static long read(MemorySegment part, CyclicBarrier pass) {
    part.fill((byte) 1);
    long sum = 0;
    for (int i = 0; i < WARM_UP_PASSES; i++) {
      sum += sum(part);
    }
    try {
      for (int i = 0; i < PASSES; i++) {
        pass.await();
        sum += sum(part);
      }
      pass.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      Thread.currentThread().interrupt();
    }
    return sum;
  }

  /** Eight independent sums: one would wait for its own last addition. */
  private static long sum(MemorySegment part) {
    long a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    for (long at = 0; at < part.byteSize(); at += UNROLLED) {
      a += part.get(ValueLayout.JAVA_LONG, at);
      b += part.get(ValueLayout.JAVA_LONG, at + 8);
      c += part.get(ValueLayout.JAVA_LONG, at + 16);
      d += part.get(ValueLayout.JAVA_LONG, at + 24);
      e += part.get(ValueLayout.JAVA_LONG, at + 32);
      f += part.get(ValueLayout.JAVA_LONG, at + 40);
      g += part.get(ValueLayout.JAVA_LONG, at + 48);
      h += part.get(ValueLayout.JAVA_LONG, at + 56);
    }
    return a + b + c + d + e + f + g + h;
  }
}
