package dev.burhan.eval;

import dev.burhan.provider.UsageException;
import dev.burhan.reasoning.FinalAnswer;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sums, differences and products of two whole numbers, asked in signs or as a story: those that the
 * tiny models were never trained on, at lengths that they know, know little of, and never saw.
 */
final class Arithmetic implements Task {
  /** The levels where none are named. */
  static final String USUAL = "trained,rare";

  private static final String STORY = "word problem";

  /**
   * Up to so many digits together the problems are counted out; there are plenty of longer ones.
   */
  private static final int COUNTABLE = 5;

  private static final Pattern FIRST_WORK = Pattern.compile("([0-9]+)\ncheck ");
  private static final Pattern FIRST_OPINION = Pattern.compile(",[0-9] (ok|no)\\b");

  /** A row of the report: an operation, or a story over any of them. */
  private record Group(Optional<Operation> operation, Lengths lengths) {
    List<Operation> operations() {
      if (operation.isPresent()) {
        return List.of(operation.get());
      }
      List<Operation> trained =
          Arrays.stream(Operation.values())
              .filter(op -> op.familiarity(lengths) == Familiarity.TRAINED)
              .toList();
      return trained.isEmpty() ? List.of(Operation.SUM, Operation.DIFFERENCE) : trained;
    }

    Familiarity familiarity() {
      return operations().getFirst().familiarity(lengths);
    }

    String name() {
      return kind() + " " + lengths;
    }

    String kind() {
      return operation.map(op -> op.word).orElse(STORY);
    }
  }

  private record Pair(long a, long b) {}

  @Override
  public String name() {
    return "arithmetic";
  }

  @Override
  public List<Problem> problems(Wish wish) {
    List<Group> groups = List.copyOf(groups(wish.levels().orElse(USUAL)));
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      int count = share(wish.limit(), i + 1, groups.size()) - share(wish.limit(), i, groups.size());
      // each row its own numbers: they stay the same whichever rows are asked for beside it
      Random random = new Random(wish.seed() * 31 + groups.get(i).name().hashCode());
      problems.addAll(problems(groups.get(i), count, random));
    }
    return problems;
  }

  private static int share(int limit, int groups, int of) {
    return (int) ((long) limit * groups / of);
  }

  private static Set<Group> groups(String levels) {
    Set<Group> groups = new LinkedHashSet<>();
    for (String level : levels.split(",")) {
      switch (level.strip()) {
        case "trained" -> {
          for (Operation operation : Operation.values()) {
            for (int i = 1; i <= COUNTABLE; i++) {
              for (int j = operation == Operation.PRODUCT ? 1 : i; j <= i; j++) {
                Lengths lengths = new Lengths(i, j);
                if (operation.familiarity(lengths) == Familiarity.TRAINED) {
                  groups.add(new Group(Optional.of(operation), lengths));
                }
              }
            }
          }
          addStories(groups, 1, 5);
        }
        case "rare" -> {
          addTerms(groups, 6, 7);
          addFactors(groups, new Lengths(4, 1), new Lengths(4, 2), new Lengths(3, 3));
          addStories(groups, 6, 7);
        }
        case "beyond" -> {
          addTerms(groups, 8, 9);
          addFactors(groups, new Lengths(5, 1), new Lengths(5, 2), new Lengths(4, 3));
          addStories(groups, 8, 9);
        }
        default -> {
          Lengths lengths = Lengths.parse(level.strip());
          for (Operation operation : Operation.values()) {
            groups.add(new Group(Optional.of(operation), lengths));
          }
          groups.add(new Group(Optional.empty(), lengths));
        }
      }
    }
    return groups;
  }

  private static void addTerms(Set<Group> groups, int from, int to) {
    for (Operation operation : List.of(Operation.SUM, Operation.DIFFERENCE)) {
      for (int digits = from; digits <= to; digits++) {
        groups.add(new Group(Optional.of(operation), new Lengths(digits, digits)));
      }
    }
  }

  private static void addFactors(Set<Group> groups, Lengths... all) {
    for (Lengths lengths : all) {
      groups.add(new Group(Optional.of(Operation.PRODUCT), lengths));
    }
  }

  private static void addStories(Set<Group> groups, int from, int to) {
    for (int digits = from; digits <= to; digits++) {
      groups.add(new Group(Optional.empty(), new Lengths(digits, digits)));
    }
  }

  private static List<Problem> problems(Group group, int count, Random random) {
    List<Operation> operations = group.operations();
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      int of = operations.size();
      for (Pair pair :
          pairs(
              operation, group.lengths(), share(count, i + 1, of) - share(count, i, of), random)) {
        problems.add(problem(group, operation, pair, random));
      }
    }
    return problems;
  }

  /** Distinct problems that are held out; fewer than asked for if there are no more. */
  private static List<Pair> pairs(Operation operation, Lengths lengths, int count, Random random) {
    if (lengths.longer() + lengths.shorter() <= COUNTABLE) {
      List<Pair> all = new ArrayList<>();
      for (long a = least(lengths.longer()); a < 10 * least(lengths.longer()); a++) {
        for (long b = least(lengths.shorter()); b < 10 * least(lengths.shorter()) && b <= a; b++) {
          if (operation.isHeldOut(a, b)) {
            all.add(new Pair(a, b));
          }
        }
      }
      Collections.shuffle(all, random);
      return all.subList(0, Math.min(count, all.size()));
    }
    Set<Pair> drawn = new LinkedHashSet<>();
    while (drawn.size() < count) {
      long a = number(lengths.longer(), random);
      long b = number(lengths.shorter(), random);
      Pair pair = new Pair(Math.max(a, b), Math.min(a, b));
      if (operation.isHeldOut(pair.a(), pair.b())) {
        drawn.add(pair);
      }
    }
    return List.copyOf(drawn);
  }

  private static long least(int digits) {
    return (long) Math.pow(10, digits - 1);
  }

  private static long number(int digits, Random random) {
    return random.nextLong(least(digits), 10 * least(digits));
  }

  private static Problem problem(Group group, Operation operation, Pair pair, Random random) {
    boolean turned = operation != Operation.DIFFERENCE && random.nextBoolean();
    long a = turned ? pair.b() : pair.a();
    long b = turned ? pair.a() : pair.b();
    String question =
        group.operation().isPresent()
            ? "What is " + a + " " + operation.sign + " " + b + "?"
            : Stories.tell(operation, a, b, random);
    return new Problem(
        group.kind(),
        group.lengths().toString(),
        group.familiarity(),
        question,
        FinalAnswer.of(Long.toString(operation.of(a, b))));
  }

  /** Of the first piece of work and the check after it, in the form that tools/train teaches. */
  @Override
  public Optional<SelfCheck> selfCheck(Problem problem, String thought) {
    Matcher work = FIRST_WORK.matcher(thought);
    Matcher opinion = FIRST_OPINION.matcher(thought);
    if (!work.find() || !opinion.find(work.end())) {
      return Optional.empty();
    }
    boolean right =
        new BigInteger(work.group(1)).equals(new BigInteger(problem.answer().written()).abs());
    return Optional.of(new SelfCheck(right, opinion.group(1).equals("no")));
  }

  static Task named(String name) {
    Task only = new Arithmetic();
    if (only.name().equals(name)) {
      return only;
    }
    throw new UsageException("the task should be %s, found '%s'".formatted(only.name(), name));
  }
}
