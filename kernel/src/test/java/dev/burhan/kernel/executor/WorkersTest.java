package dev.burhan.kernel.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Batch;
import dev.burhan.kernel.testing.TestBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private final Batch batch = TestBatch.prompt(1, 64);

  private record Region(int prepare, boolean little, Set<Thread> ran) implements StepRegion {
    @Override
    public int prepare(Batch batch) {
      return prepare;
    }

    @Override
    public void run(Batch batch, int part, int worker) {
      ran.add(Thread.currentThread());
    }
  }

  @Test
  void programsOfSoManyThreadsShareThemUntilTheLastIsClosed() {
    Workers workers = new Workers();
    Workers.Crew model = workers.take(2);
    Workers.Crew draft = workers.take(2);
    assertSame(model, draft);
    assertNotSame(model, other(workers));
    draft.close();
    Set<Thread> ran = ConcurrentHashMap.newKeySet();
    model.begin();
    model.run(new Region(5, false, ran), batch);
    model.end();
    assertTrue(!ran.isEmpty());
    model.close();
    Workers.Crew next = workers.take(2);
    assertNotSame(model, next);
    next.close();
  }

  private static Workers.Crew other(Workers workers) {
    try (Workers.Crew crew = workers.take(1)) {
      return crew;
    }
  }

  @Test
  void littleWorkIsDoneByTheCaller() {
    try (Workers.Crew crew = new Workers().take(3)) {
      Set<Thread> ran = ConcurrentHashMap.newKeySet();
      crew.begin();
      for (int i = 0; i < 1000; i++) {
        crew.run(new Region(8, true, ran), batch);
      }
      crew.end();
      assertEquals(Set.of(Thread.currentThread()), ran);
    }
  }

  @Test
  void stepsOfTwoProgramsDoNotMix() throws InterruptedException {
    try (Workers.Crew crew = new Workers().take(2)) {
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      Set<Thread> ran = ConcurrentHashMap.newKeySet();
      Runnable steps =
          () -> {
            for (int i = 0; i < 200; i++) {
              crew.begin();
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              crew.run(new Region(4, false, ran), batch);
              inside.decrementAndGet();
              crew.end();
            }
          };
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        threads.add(Thread.ofPlatform().start(steps));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(1, most.get());
    }
  }
}
