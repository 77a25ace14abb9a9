package dev.burhan.backendtck;

import dev.burhan.backend.Backend;
import dev.burhan.backend.KvPages;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Outcome;
import dev.burhan.backend.Stop;
import dev.burhan.backendtck.Story.Piece;
import dev.burhan.provider.BurhanException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Closing, failing, stopping, memory that is short, and what is left behind. */
final class LifecycleChecks {
  private static final int CYCLES = 5;

  private final Session session;

  LifecycleChecks(Session session) {
    this.session = session;
  }

  private interface Body {
    String check(Subject mode, Trial trial) throws Exception;
  }

  List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    add(checks, "nothing is left after close", this::nothingIsLeft);
    add(checks, "a program is closed twice and not used afterwards", this::closedTwice);
    ClosingChecks closing = new ClosingChecks();
    add(checks, "close waits for the running step", closing::closeWaits);
    add(checks, "close at any moment of a step", closing::closeAtAnyMoment);
    add(checks, "memory that is short is an error and is given back", this::shortOfMemory);
    add(checks, "weights that can't be read are an error", this::unreadableWeights);
    add(checks, "more pages than any memory holds", this::tooManyPages);
    add(checks, "a stopped step leaves earlier tokens intact", this::stopped);
    add(checks, "a wrong batch is refused and changes nothing", new BatchChecks()::wrongBatches);
    add(checks, "pages move to another program", new PageChecks()::pagesMove);
    return checks;
  }

  private void add(List<Check> checks, String name, Body body) {
    checks.add(new Check(Category.LIFECYCLE, name, () -> check(body)));
  }

  private String check(Body body) throws Exception {
    Subject mode = session.modes().getLast();
    Set<String> found = new LinkedHashSet<>();
    for (Trial trial : ModelTrials.all().subList(0, 3)) {
      boolean runs;
      try (Stage stage = new Stage(mode)) {
        runs = stage.plan(trial).possible();
      }
      if (runs) {
        found.add(body.check(mode, trial));
      }
    }
    if (found.isEmpty()) {
      throw new Check.Skipped("the backend runs none of the suite's own models");
    }
    return found.stream().filter(text -> !text.isEmpty()).collect(Collectors.joining("; "));
  }

  /** What is out once a program, its store and its backend are closed. */
  private String nothingIsLeft(Subject mode, Trial trial) throws Exception {
    cycle(mode, trial); // what the JVM starts once
    Left left = new Left();
    for (int i = 0; i < CYCLES; i++) {
      cycle(mode, trial);
    }
    Set<String> threads = left.threads();
    Check.require(threads.isEmpty(), trial.name() + ": threads run on after close: " + threads);
    OptionalLong grown = left.grown();
    Check.require(
        grown.isEmpty() || grown.getAsLong() < CYCLES,
        trial.name()
            + ": "
            + CYCLES
            + " times opened and closed, and "
            + grown.orElse(0)
            + " more blocks of memory of arenas are held");
    return grown.isPresent()
        ? ""
        : "memory of arenas was not counted: start Java with -XX:NativeMemoryTracking=summary";
  }

  private static void cycle(Subject mode, Trial trial) {
    CountedMemory memory = new CountedMemory();
    Trial.Built built = trial.built();
    Backend backend = mode.open(memory);
    CountedWeights weights = new CountedWeights(built.checkpoint(), memory);
    try (Running running = new Running(backend, trial, built.graph(), weights, Stage.THREADS)) {
      OpChecks.together(running);
    }
    int holds = weights.holds();
    weights.close();
    backend.close();
    Check.require(
        holds == 0, trial.name() + ": " + holds + " weights are held after the program was closed");
    Check.require(
        memory.blocks() == 0,
        "%s: %d blocks of memory, %d bytes, are left after close"
            .formatted(trial.name(), memory.blocks(), memory.bytes()));
  }

  private String closedTwice(Subject mode, Trial trial) {
    CountedMemory memory = new CountedMemory();
    Trial.Built built = trial.built();
    Backend backend = mode.open(memory);
    try (CountedWeights weights = new CountedWeights(built.checkpoint(), memory);
        Running running = new Running(backend, trial, built.graph(), weights, Stage.THREADS)) {
      OpChecks.together(running);
      running.program().close();
      running.program().close();
      Story story = trial.stories().getFirst();
      throwsOf(
          IllegalStateException.class,
          () -> running.step(List.of(new Piece(story, 0, 1)), Stop.NEVER, running.empty()),
          "a step of a closed program");
      KvPages pages = running.program().pages();
      throwsOf(IllegalStateException.class, () -> pages.copy(0, 1), "a page of a closed program");
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment bytes = arena.allocate(pages.canonicalBytes(0), 64);
        throwsOf(
            IllegalStateException.class,
            () -> pages.save(0, 0, bytes),
            "a page of a closed program");
        throwsOf(
            IllegalStateException.class,
            () -> pages.load(0, 0, bytes),
            "a page of a closed program");
      }
    }
    backend.close();
    backend.close();
    return "";
  }

  /** Fails unless the action throws what it should. */
  static void throwsOf(Class<? extends Throwable> expected, Runnable action, String what) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      if (expected.isInstance(e)) {
        Check.require(
            e.getMessage() != null && !e.getMessage().isBlank(), what + ": the error has no words");
        return;
      }
      throw new AssertionError(
          what + " should be a " + expected.getSimpleName() + " and is " + e, e);
    }
    throw new AssertionError(what + " should be a " + expected.getSimpleName() + " and is none");
  }

  /** Each block of memory that compiling asks for is refused once. */
  private String shortOfMemory(Subject mode, Trial trial) {
    CountedMemory memory = new CountedMemory();
    int refused = 0;
    try (Backend backend = mode.open(memory)) {
      memory.allowAll();
      compile(backend, memory, trial, Integer.MAX_VALUE).close();
      int wanted = memory.given();
      int before = memory.blocks();
      for (int blocks = 0; blocks < wanted; blocks++) {
        memory.allow(blocks);
        try {
          compile(backend, memory, trial, Integer.MAX_VALUE).close();
        } catch (BurhanException e) {
          Check.require(!e.getMessage().isBlank(), "the error has no words");
          refused++;
        }
        Check.require(
            memory.blocks() == before,
            "%s: after block %d of %d was refused, %d blocks are left"
                .formatted(trial.name(), blocks + 1, wanted, memory.blocks() - before));
      }
      memory.allowAll();
      compile(backend, memory, trial, Integer.MAX_VALUE).close();
    }
    return refused == 0 ? "takes no host memory" : "";
  }

  /** A program with its store. */
  private record Compiled(Running running, CountedWeights weights) {
    void close() {
      running.close();
      weights.close();
    }
  }

  private static Compiled compile(
      Backend backend, CountedMemory memory, Trial trial, int readable) {
    Trial.Built built = trial.built();
    CountedWeights weights = new CountedWeights(built.checkpoint(), memory);
    weights.allow(readable);
    try {
      return new Compiled(
          new Running(backend, trial, built.graph(), weights, Stage.THREADS), weights);
    } catch (RuntimeException | Error e) {
      weights.close();
      Check.require(
          weights.holds() == 0,
          trial.name() + ": " + weights.holds() + " weights are held after compiling failed");
      throw e;
    }
  }

  private String unreadableWeights(Subject mode, Trial trial) {
    CountedMemory memory = new CountedMemory();
    try (Backend backend = mode.open(memory)) {
      Compiled whole = compile(backend, memory, trial, Integer.MAX_VALUE);
      int wanted = whole.weights().asked();
      whole.close();
      for (int readable = 0; readable < wanted; readable += 1 + wanted / 7) {
        int some = readable;
        throwsOf(
            BurhanException.class,
            () -> compile(backend, memory, trial, some).close(),
            "a weight that can't be read");
        Check.require(
            memory.blocks() == 0,
            trial.name() + ": " + memory.blocks() + " blocks of memory are left");
      }
    }
    return "";
  }

  private String tooManyPages(Subject mode, Trial trial) {
    CountedMemory memory = new CountedMemory();
    Limits few = trial.limits(Stage.THREADS);
    Limits many =
        new Limits(
            few.columns(),
            few.sequences(),
            few.logitRows(),
            few.context(),
            1 << 26,
            1 << 16,
            few.threads(),
            few.planes());
    Trial.Built built = trial.built();
    try (Backend backend = mode.open(memory);
        CountedWeights weights = new CountedWeights(built.checkpoint(), memory)) {
      var plan = backend.plan(built.graph(), many);
      if (plan.possible()) {
        throwsOf(
            BurhanException.class,
            () -> backend.compile(plan, weights).close(),
            "compiling with petabytes of pages");
      }
      Check.require(
          memory.blocks() == 0 && weights.holds() == 0,
          trial.name() + ": something is left after compiling failed");
    }
    return "";
  }

  /** Stopped after none, some and many nodes, then run again: the bits of one that was not. */
  private String stopped(Subject mode, Trial trial) {
    List<List<Piece>> steps = Company.together(trial.stories(), new Random(3));
    AtomicInteger stops = new AtomicInteger();
    try (Stage stage = new Stage(mode)) {
      Numbers whole = stage.with(trial, OpChecks::together);
      Numbers cut =
          stage.with(
              trial,
              running -> {
                Numbers numbers = running.empty();
                for (List<Piece> step : steps) {
                  for (int after : new int[] {0, 1, 5, 17}) {
                    AtomicInteger asked = new AtomicInteger();
                    Stop stop = () -> asked.getAndIncrement() >= after;
                    if (running.step(step, stop, running.empty()) == Outcome.STOPPED) {
                      stops.incrementAndGet();
                    }
                  }
                  running.step(step, Stop.NEVER, numbers);
                }
                return numbers;
              });
      if (session.repeats()) {
        whole
            .firstDifference(cut, trial.stories())
            .ifPresent(
                difference -> {
                  throw new AssertionError(trial.name() + ", stopped and run again: " + difference);
                });
      }
    }
    return stops.get() + " steps stopped";
  }
}
