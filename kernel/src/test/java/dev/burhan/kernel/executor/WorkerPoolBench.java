package dev.burhan.kernel.executor;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntConsumer;

/**
 * What a parallel region costs, beside what handing a number to another core and back costs on the
 * same machine at the same time. A main and no test.
 */
final class WorkerPoolBench {
  private static final int ROUNDS = 200_000;
  private static final int REPEATS = 7;

  private WorkerPoolBench() {}

  public static void main(String[] args) throws InterruptedException {
    int threads = args.length > 0 ? Integer.parseInt(args[0]) : 2;
    for (int repeat = 0; repeat < 3; repeat++) {
      double pingPong = pingPong();
      System.out.printf("there and back: %.0f ns%n", pingPong);
      try (WorkerPool pool = new WorkerPool(threads, "bench")) {
        for (int parts : new int[] {1, threads, 4 * threads, 16 * threads}) {
          double region = median(rounds -> empty(pool, rounds, parts));
          System.out.printf(
              "%d threads, %d empty parts: %.0f ns a region, %.2f of there and back%n",
              threads, parts, region, region / pingPong);
        }
      }
    }
  }

  private static void empty(WorkerPool pool, int rounds, int parts) {
    WorkerPool.Region region = (batch, part, worker) -> {};
    for (int round = 0; round < rounds; round++) {
      pool.run(region, null, parts);
    }
  }

  private static double pingPong() throws InterruptedException {
    AtomicLongArray ball = new AtomicLongArray(64);
    long end = (long) REPEATS * ROUNDS * 2;
    Thread other =
        new Thread(
            () -> {
              for (long at = 1; at < end; at += 2) {
                while (ball.get(32) != at) {
                  Thread.onSpinWait();
                }
                ball.set(32, at + 1);
              }
            });
    other.start();
    long[] at = {0};
    double time =
        median(
            rounds -> {
              for (int round = 0; round < rounds; round++) {
                ball.set(32, at[0] + 1);
                at[0] += 2;
                while (ball.get(32) != at[0]) {
                  Thread.onSpinWait();
                }
              }
            });
    other.join();
    return time;
  }

  private static double median(IntConsumer rounds) {
    double[] nanos = new double[REPEATS];
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      long start = System.nanoTime();
      rounds.accept(ROUNDS);
      nanos[repeat] = (double) (System.nanoTime() - start) / ROUNDS;
    }
    Arrays.sort(nanos);
    return nanos[REPEATS / 2];
  }
}
