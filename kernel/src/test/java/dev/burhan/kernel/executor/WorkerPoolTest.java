package dev.burhan.kernel.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  @Test
  void everyPartRunsExactlyOnceInEveryOfManyRegions() {
    for (int threads : new int[] {1, 2, 3, 5}) {
      try (WorkerPool pool = new WorkerPool(threads, "test")) {
        for (int round = 0; round < 5000; round++) {
          int parts = round % 17;
          AtomicIntegerArray runs = new AtomicIntegerArray(17);
          pool.run((batch, part, worker) -> runs.incrementAndGet(part), null, parts);
          for (int part = 0; part < 17; part++) {
            assertEquals(
                part < parts ? 1 : 0, runs.get(part), "threads " + threads + " round " + round);
          }
        }
      }
    }
  }

  @Test
  void workersAreNumberedAndWhatPartsWroteIsSeenByTheCaller() {
    try (WorkerPool pool = new WorkerPool(3, "test")) {
      int[] results = new int[100];
      for (int round = 1; round <= 200; round++) {
        int add = round;
        pool.run(
            (batch, part, worker) -> {
              assertTrue(worker >= 0 && worker < 3);
              results[part] += add;
            },
            null,
            100);
      }
      for (int result : results) {
        assertEquals(200 * 201 / 2, result);
      }
    }
  }

  @Test
  void aPartsExceptionReachesTheCallerAndThePoolGoesOn() {
    try (WorkerPool pool = new WorkerPool(2, "test")) {
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  pool.run(
                      (batch, part, worker) -> {
                        if (part == 3) {
                          throw new IllegalStateException("part 3");
                        }
                      },
                      null,
                      8));
      assertEquals("part 3", thrown.getMessage());
      AtomicIntegerArray runs = new AtomicIntegerArray(8);
      pool.run((batch, part, worker) -> runs.incrementAndGet(part), null, 8);
      assertEquals("[1, 1, 1, 1, 1, 1, 1, 1]", runs.toString());
    }
  }

  @Test
  void aWorkerThatIsHeldUpHasItsShareDoneByTheOthers() {
    try (WorkerPool pool = new WorkerPool(2, "test")) {
      for (int slow : new int[] {0, 8}) { // the first part of each worker's share
        AtomicInteger others = new AtomicInteger();
        pool.run(
            (batch, part, worker) -> {
              if (part != slow) {
                others.incrementAndGet();
                return;
              }
              while (others.get() < 15) {
                Thread.onSpinWait();
              }
            },
            null,
            16);
        assertEquals(15, others.get());
      }
    }
  }

  @Test
  void onlyTheWorkersWithinTheLimitTakePart() {
    try (WorkerPool pool = new WorkerPool(3, "test")) {
      for (int limit : new int[] {1, 2, 3, 2}) {
        pool.limit(limit);
        for (int round = 0; round < 500; round++) {
          AtomicIntegerArray runs = new AtomicIntegerArray(20);
          AtomicInteger last = new AtomicInteger();
          pool.run(
              (batch, part, worker) -> {
                runs.incrementAndGet(part);
                last.accumulateAndGet(worker, Math::max);
              },
              null,
              20);
          for (int part = 0; part < 20; part++) {
            assertEquals(1, runs.get(part));
          }
          assertTrue(last.get() < limit, last + " of " + limit);
        }
      }
    }
  }

  @Test
  void parkedWorkersAreWoken() {
    try (WorkerPool pool = new WorkerPool(3, "test", 0)) {
      for (int round = 0; round < 3000; round++) {
        // Each part needs another thread: a lost wake-up would hang here.
        CyclicBarrier all = new CyclicBarrier(3);
        pool.run(
            (batch, part, worker) -> {
              try {
                all.await();
              } catch (InterruptedException | BrokenBarrierException e) {
                throw new IllegalStateException(e);
              }
            },
            null,
            3);
      }
    }
  }

  @Test
  void closingEndsTheThreads() {
    WorkerPool pool = new WorkerPool(4, "closing-test");
    pool.run((batch, part, worker) -> {}, null, 16);
    pool.close();
    assertFalse(
        Thread.getAllStackTraces().keySet().stream()
            .anyMatch(thread -> thread.getName().startsWith("closing-test") && thread.isAlive()));
  }
}
