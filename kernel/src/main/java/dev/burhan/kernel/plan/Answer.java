package dev.burhan.kernel.plan;

import dev.burhan.graph.Weight;
import dev.burhan.kernel.plan.Demand.Way;
import dev.burhan.kernel.plan.Planner.Choice;
import dev.burhan.kernel.plan.Planner.Result;
import dev.burhan.model.ModelGraph;
import dev.burhan.tensor.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is answered.
 *
 * @param model the graph
 * @param result what was asked for
 * @param machine where
 * @param cacheType of the KV cache
 * @param nearest what does fit in memory, nearest first, if what was asked for does not
 * @param least the least memory that any choice needs, if none fits
 */
record Answer(
    ModelGraph model,
    Result result,
    Machine machine,
    DataType cacheType,
    List<Suggestion> nearest,
    Optional<Suggestion> least) {
  private static final int SHORTEST_CONTEXT = 1024;

  /** Another choice and how it fits. */
  record Suggestion(Choice choice, Demand demand, Way way) {}

  Answer {
    nearest = List.copyOf(nearest);
  }

  static Answer of(
      Planner planner, Choice choice, int context, Machine machine, DataType cacheType) {
    Result asked = planner.result(choice, context);
    List<Suggestion> nearest = new ArrayList<>();
    Optional<Suggestion> least = Optional.empty();
    if (asked.demand().way(machine) != Way.MEMORY) {
      List<Result> smaller = smaller(planner, asked, context);
      nearest(asked, smaller, machine).forEach(nearest::add);
      if (nearest.isEmpty() && asked.demand().way(machine) == Way.NONE) {
        least =
            Stream.concat(Stream.of(asked), smaller.stream())
                .map(one -> suggestion(one.choice(), one.demand().withContext(SHORTEST_CONTEXT)))
                .min(Comparator.comparingDouble(Answer::leastBytes));
      }
    }
    return new Answer(planner.graph(), asked, machine, cacheType, nearest, least);
  }

  private static Suggestion suggestion(Choice choice, Demand demand) {
    return new Suggestion(choice, demand, demand.footprint().experts() > 0 ? Way.DISK : Way.MEMORY);
  }

  private static double leastBytes(Suggestion one) {
    return one.way() == Way.DISK ? one.demand().leastBytes() : one.demand().wholeBytes();
  }

  /** All that take fewer bytes, the largest first. */
  private static List<Result> smaller(Planner planner, Result asked, int context) {
    return Arrays.stream(Quantisation.values())
        .map(one -> planner.result(new Choice(Optional.of(one)), context))
        .filter(one -> one.demand().footprint().bytes() < asked.demand().footprint().bytes())
        .sorted(
            Comparator.comparingLong((Result one) -> one.demand().footprint().bytes()).reversed())
        .toList();
  }

  /** A smaller type, a shorter context, experts on the disk: the nearest of each kind. */
  private static List<Suggestion> nearest(Result asked, List<Result> smaller, Machine machine) {
    List<Suggestion> found = new ArrayList<>();
    smaller.stream()
        .filter(one -> one.demand().way(machine) == Way.MEMORY)
        .findFirst()
        .ifPresent(one -> found.add(new Suggestion(one.choice(), one.demand(), Way.MEMORY)));
    shorter(asked.demand(), machine)
        .ifPresent(one -> found.add(new Suggestion(asked.choice(), one, one.way(machine))));
    if (asked.demand().way(machine) == Way.NONE) {
      smaller.stream()
          .filter(one -> one.demand().way(machine) == Way.DISK)
          .findFirst()
          .ifPresent(one -> found.add(new Suggestion(one.choice(), one.demand(), Way.DISK)));
    } else if (found.isEmpty()) {
      fastest(smaller, machine).ifPresent(found::add);
    }
    return found;
  }

  /** With experts on the disk: of a smaller type more of them stay in memory. */
  private static Optional<Suggestion> fastest(List<Result> smaller, Machine machine) {
    return smaller.stream()
        .filter(one -> one.demand().way(machine) == Way.DISK)
        .max(Comparator.comparingDouble(one -> one.demand().bound(machine, 0)))
        .map(one -> new Suggestion(one.choice(), one.demand(), Way.DISK));
  }

  /** The longest context that is held in a better way. */
  private static Optional<Demand> shorter(Demand asked, Machine machine) {
    for (Way way : List.of(Way.MEMORY, Way.DISK)) {
      if (asked.way(machine).compareTo(way) <= 0) {
        break;
      }
      for (int context = asked.context() - 1 & -SHORTEST_CONTEXT;
          context >= SHORTEST_CONTEXT;
          context -= SHORTEST_CONTEXT) {
        Demand shorter = asked.withContext(context);
        if (shorter.way(machine) == way) {
          return Optional.of(shorter);
        }
      }
    }
    return Optional.empty();
  }

  Way way() {
    return result.demand().way(machine);
  }

  /** Numbers of the head that drafts, beside the model's own. */
  long draftParameters() {
    return model
        .draft()
        .map(
            draft ->
                draft.weights().stream()
                    .filter(weight -> !model.graph().weights().contains(weight))
                    .mapToLong(Answer::elements)
                    .sum())
        .orElse(0L);
  }

  private static long elements(Weight weight) {
    return weight.shape().elements();
  }
}
