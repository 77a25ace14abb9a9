package dev.burhan.backendtck;

import dev.burhan.backend.Backend;
import dev.burhan.backend.Outcome;
import dev.burhan.backend.Stop;
import dev.burhan.backendtck.Story.Piece;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** A program is closed while a step runs: memory is freed after the step's last access only. */
final class ClosingChecks {
  private static final int ROUNDS = 12;
  private static final long PATIENCE_SECONDS = 20;
  private static final EnumSet<Thread.State> WAITS =
      EnumSet.of(Thread.State.BLOCKED, Thread.State.WAITING, Thread.State.TIMED_WAITING);

  /** What a thread threw. */
  private static Thread start(String name, AtomicReference<Throwable> thrown, Runnable body) {
    return Thread.ofPlatform()
        .daemon()
        .name("tck " + name)
        .start(
            () -> {
              try {
                body.run();
              } catch (Throwable e) { // told to the check's thread
                thrown.set(e);
              }
            });
  }

  private static void join(Thread thread, String what) throws InterruptedException {
    Check.require(thread.join(Duration.ofSeconds(PATIENCE_SECONDS)), what + " does not end");
  }

  /** A step is held between two nodes, where the backend asks whether to stop. */
  String closeWaits(Subject mode, Trial trial) throws Exception {
    CountedMemory memory = new CountedMemory();
    Trial.Built built = trial.built();
    try (Backend backend = mode.open(memory);
        CountedWeights weights = new CountedWeights(built.checkpoint(), memory);
        Running running = new Running(backend, trial, built.graph(), weights, Stage.THREADS)) {
      CountDownLatch inside = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      AtomicReference<Outcome> outcome = new AtomicReference<>();
      Stop hold =
          () -> {
            inside.countDown();
            try {
              return !go.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              return true;
            }
          };
      Story story = trial.stories().getFirst();
      List<Piece> step = List.of(new Piece(story, 0, story.prompt()));
      Thread stepper =
          start("step", thrown, () -> outcome.set(running.step(step, hold, running.empty())));
      if (!entered(inside, stepper)) {
        join(stepper, "a step");
        return "the backend does not ask whether to stop";
      }
      Thread closer = start("close", thrown, running.program()::close);
      boolean waited = waits(closer);
      go.countDown();
      join(stepper, "a step during which the program is closed");
      join(closer, "close");
      Check.require(waited, trial.name() + ": close returned while a step was running");
      Check.require(thrown.get() == null, trial.name() + ": " + thrown.get());
      Check.require(
          outcome.get() == Outcome.DONE || outcome.get() == Outcome.STOPPED,
          trial.name() + ": the step ended as " + outcome.get());
      Check.require(
          weights.holds() == 0, trial.name() + ": " + weights.holds() + " weights are held");
    }
    Check.require(memory.blocks() == 0, trial.name() + ": " + memory.blocks() + " blocks are left");
    return "";
  }

  private static boolean entered(CountDownLatch inside, Thread stepper)
      throws InterruptedException {
    while (!inside.await(10, TimeUnit.MILLISECONDS)) {
      if (!stepper.isAlive()) {
        return inside.getCount() == 0;
      }
    }
    return true;
  }

  /** Whether a thread comes to wait instead of coming to its end. */
  private static boolean waits(Thread thread) {
    long begun = System.nanoTime();
    while (thread.isAlive() && !WAITS.contains(thread.getState())) {
      if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(1)) {
        return true; // it turns round and round, which is a way to wait
      }
      Thread.onSpinWait();
    }
    return thread.isAlive();
  }

  /** A thread runs step after step; another one closes the program, each time a bit later. */
  String closeAtAnyMoment(Subject mode, Trial trial) throws Exception {
    Story story = trial.stories().getFirst();
    List<Piece> step = List.of(new Piece(story, 0, story.prompt()));
    CountedMemory memory = new CountedMemory();
    try (Backend backend = mode.open(memory)) {
      for (int round = 0; round < ROUNDS; round++) {
        Trial.Built built = trial.built();
        try (CountedWeights weights = new CountedWeights(built.checkpoint(), memory);
            Running running = new Running(backend, trial, built.graph(), weights, Stage.THREADS)) {
          AtomicReference<Throwable> thrown = new AtomicReference<>();
          AtomicBoolean begun = new AtomicBoolean();
          Thread stepper =
              start(
                  "steps",
                  thrown,
                  () -> {
                    while (true) {
                      begun.set(true);
                      running.step(step, Stop.NEVER, running.empty());
                    }
                  });
          while (!begun.get() && stepper.isAlive()) {
            Thread.onSpinWait();
          }
          for (int i = 0; i < round * 2000; i++) {
            Thread.onSpinWait();
          }
          running.program().close();
          join(stepper, "a thread whose program was closed");
          Check.require(
              thrown.get() instanceof IllegalStateException,
              trial.name()
                  + ": a step of a closed program should be an IllegalStateException and is "
                  + thrown.get());
        }
        Check.require(
            memory.blocks() == 0, trial.name() + ": " + memory.blocks() + " blocks are left");
      }
    }
    return "";
  }
}
