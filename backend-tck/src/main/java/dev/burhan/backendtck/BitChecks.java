package dev.burhan.backendtck;

import dev.burhan.backend.Plan;
import dev.burhan.backendtck.Story.Piece;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** Determinism and batch invariance: what is promised about bits. */
final class BitChecks {
  private static final int REPEATS = 3;
  private static final int[] THREADS = {1, 3};

  private static final Set<String> MANY = Set.of("Experts", "LatentAttention");
  private static final Set<String> SOME =
      Set.of("F32", "BF16", "F8_E4M3", "Q4_0", "Q8_0", "Q4_K", "Q6_K", "IQ4_XS");

  private final Session session;

  BitChecks(Session session) {
    this.session = session;
  }

  /** Whole models, and one shape of each op. */
  private record Tried(String name, List<Trial> trials) {}

  private List<Tried> tried() {
    List<Tried> tried = new ArrayList<>();
    ModelTrials.all().forEach(trial -> tried.add(new Tried(trial.name(), List.of(trial))));
    List<Story> stories = Company.stories(6, 9, new Random(23));
    OpChecks.cases(session.options()).stream()
        .filter(BitChecks::isTried)
        .collect(Collectors.groupingBy(OpCase::op, LinkedHashMap::new, Collectors.toList()))
        .forEach(
            (op, cases) ->
                tried.add(
                    new Tried(
                        op,
                        cases.stream()
                            .map(each -> each.trials().get(each.trials().size() / 2))
                            .map(trial -> trial.with(stories))
                            .toList())));
    return tried;
  }

  /** Experts and latent attention, which take the oracle long, with some types of each kind. */
  private static boolean isTried(OpCase each) {
    return !MANY.contains(each.op()) || SOME.contains(each.type().split(",")[0]);
  }

  List<Check> determinism() {
    return checks(Category.DETERMINISM, this::repeats);
  }

  List<Check> invariance() {
    return checks(Category.INVARIANCE, this::anyCompany);
  }

  private interface Body {
    /** Checks one trial; false if the backend does not run it. */
    boolean check(Stage stage, Subject mode, Trial trial);
  }

  private List<Check> checks(Category category, Body body) {
    List<Check> checks = new ArrayList<>();
    for (Tried each : tried()) {
      checks.add(new Check(category, each.name(), () -> check(category, each, body)));
    }
    return checks;
  }

  private String check(Category category, Tried each, Body body) {
    if (category == Category.INVARIANCE && !session.repeats()) {
      throw new Check.Skipped("bits differ over repeats, so that nothing can be told");
    }
    List<String> modes = new ArrayList<>();
    for (Subject mode : session.modes()) {
      int count = 0;
      try (Stage stage = new Stage(mode)) {
        for (Trial trial : each.trials()) {
          count += body.check(stage, mode, trial) ? 1 : 0;
        }
      }
      if (count > 0) {
        modes.add(mode.mode() + ": " + count + " of " + each.trials().size());
      }
    }
    if (modes.isEmpty()) {
      throw new Check.Skipped(
          category == Category.INVARIANCE
              ? "not run, or the backend declares batchInvariant = false"
              : "not run by the backend");
    }
    return String.join("; ", modes);
  }

  /** The same steps in one program, another one, and another backend. */
  private boolean repeats(Stage stage, Subject mode, Trial trial) {
    if (!stage.plan(trial).possible()) {
      return false;
    }
    Numbers first =
        stage.with(
            trial,
            running -> {
              Numbers once = OpChecks.together(running);
              for (int i = 1; i < REPEATS; i++) {
                same(once, OpChecks.together(running), mode, trial, "again in the same program");
              }
              return once;
            });
    same(first, stage.with(trial, OpChecks::together), mode, trial, "in another program");
    try (Stage other = new Stage(mode)) {
      same(first, other.with(trial, OpChecks::together), mode, trial, "in another backend");
    }
    return true;
  }

  private void same(Numbers one, Numbers two, Subject mode, Trial trial, String when) {
    Optional<String> difference = one.firstDifference(two, trial.stories());
    if (difference.isPresent()) {
      session.doesNotRepeat();
      throw new AssertionError(
          "%s (%s), %s: %s".formatted(trial.name(), mode.mode(), when, difference.get()));
    }
  }

  /** Alone, among some and all others, and on other numbers of threads. */
  private boolean anyCompany(Stage stage, Subject mode, Trial trial) {
    Plan plan = stage.plan(trial);
    if (!plan.possible() || !plan.numerics().batchInvariant()) {
      return false;
    }
    List<Story> stories = trial.stories();
    Numbers alone = stage.with(trial, running -> running.alone(stories));
    Random random = new Random(41);
    stage.with(
        trial,
        running -> {
          for (int company :
              new int[] {1, 2 + random.nextInt(stories.size() - 2), stories.size()}) {
            List<Story> some = stories.subList(0, company);
            List<List<Piece>> steps = Company.together(some, random);
            differ(
                alone.firstDifference(running.run(steps), some), mode, trial, "among " + company);
          }
          return null;
        });
    for (int threads : THREADS) {
      Numbers other = stage.with(trial, threads, OpChecks::together);
      differ(alone.firstDifference(other, stories), mode, trial, "on " + threads + " threads");
    }
    return true;
  }

  private static void differ(Optional<String> difference, Subject mode, Trial trial, String when) {
    if (difference.isPresent()) {
      throw new AssertionError(
          "%s (%s), alone and %s: %s".formatted(trial.name(), mode.mode(), when, difference.get()));
    }
  }
}
