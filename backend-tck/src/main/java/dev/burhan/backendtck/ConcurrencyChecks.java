package dev.burhan.backendtck;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several programs at once, of one backend and of several. */
final class ConcurrencyChecks {
  private static final int AT_ONCE = 4;
  private static final int ROUNDS = 4;

  /** Where a backend's bits differ over repeats anyway. */
  private static final double LOOSE = 1e-2;

  private final Session session;

  ConcurrencyChecks(Session session) {
    this.session = session;
  }

  List<Check> checks() {
    return List.of(
        new Check(
            Category.CONCURRENCY,
            "programs of one backend at once",
            () -> atOnce(this::ofOneBackend)),
        new Check(
            Category.CONCURRENCY,
            "backends opened, used and closed at once",
            () -> atOnce(this::ofTheirOwn)));
  }

  private interface Way {
    void run(Subject mode, List<Trial> trials, List<Numbers> alone) throws Exception;
  }

  private String atOnce(Way way) throws Exception {
    List<String> found = new ArrayList<>();
    for (Subject mode : session.modes()) {
      List<Trial> trials = new ArrayList<>();
      List<Numbers> alone = new ArrayList<>();
      try (Stage stage = new Stage(mode)) {
        for (Trial trial : ModelTrials.all()) {
          if (stage.plan(trial).possible()) {
            trials.add(trial);
            alone.add(stage.with(trial, OpChecks::together));
          }
        }
      }
      if (!trials.isEmpty()) {
        way.run(mode, trials, alone);
        found.add(mode.mode() + ": " + trials.size() + " models");
      }
    }
    if (found.isEmpty()) {
      throw new Check.Skipped("the backend runs none of the suite's own models");
    }
    return String.join("; ", found) + ", " + AT_ONCE + " at once";
  }

  private void ofOneBackend(Subject mode, List<Trial> trials, List<Numbers> alone)
      throws Exception {
    try (Stage stage = new Stage(mode)) {
      together(number -> use(stage, mode, trials, alone, number));
      Check.require(
          stage.memory().blocks() == 0,
          stage.memory().blocks() + " blocks of memory are left after all programs were closed");
    }
  }

  private void ofTheirOwn(Subject mode, List<Trial> trials, List<Numbers> alone) throws Exception {
    together(
        number -> {
          try (Stage stage = new Stage(mode)) {
            use(stage, mode, trials, alone, number);
          }
        });
  }

  private void use(Stage stage, Subject mode, List<Trial> trials, List<Numbers> alone, int number) {
    int which = number % trials.size();
    Trial trial = trials.get(which);
    for (int round = 0; round < ROUNDS; round++) {
      stage.with(
          trial,
          running -> {
            compare(mode, trial, alone.get(which), OpChecks.together(running));
            return null;
          });
    }
  }

  private void compare(Subject mode, Trial trial, Numbers alone, Numbers found) {
    if (session.repeats()) {
      alone
          .firstDifference(found, trial.stories())
          .ifPresent(
              difference -> {
                throw new AssertionError(
                    "%s (%s), alone and beside others: %s"
                        .formatted(trial.name(), mode.mode(), difference));
              });
      return;
    }
    Comparison comparison = new Comparison(trial, trial.graph(), false).of(alone, found);
    Check.require(comparison.largest() < LOOSE, comparison.where());
  }

  private interface Numbered {
    void run(int number) throws Exception;
  }

  private static void together(Numbered task) throws Exception {
    CyclicBarrier start = new CyclicBarrier(AT_ONCE);
    try (ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        int number = i;
        Callable<Void> call =
            () -> {
              start.await();
              task.run(number);
              return null;
            };
        all.add(callers.submit(call));
      }
      for (Future<Void> each : all) {
        try {
          each.get();
        } catch (ExecutionException e) {
          if (e.getCause() instanceof Error error) {
            throw error;
          }
          throw (Exception) e.getCause();
        }
      }
    }
  }
}
