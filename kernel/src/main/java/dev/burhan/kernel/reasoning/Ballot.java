package dev.burhan.kernel.reasoning;

import dev.burhan.engine.Tally;
import dev.burhan.reasoning.FinalAnswer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * Counts which answer most samples come to (self-consistency, Wang et al. 2023). An objection takes
 * one vote off. Of equal answers the one that has the earliest sample is taken, so that what comes
 * out depends on the samples only and not on which was quicker. A sample without a final answer
 * votes for nothing, and is taken only where none has one that still has votes.
 */
final class Ballot {
  /** Samples with one answer, in order, and how many objections there are to it. */
  private static final class Camp {
    private final TreeSet<Integer> samples = new TreeSet<>();
    private final boolean votes;
    private int objections;

    Camp(boolean votes) {
      this.votes = votes;
    }

    int weight() {
      return (votes ? samples.size() : 0) - objections;
    }

    int first() {
      return samples.first();
    }
  }

  private static final Comparator<Camp> BEST_FIRST =
      Comparator.comparingInt(Camp::weight).reversed().thenComparingInt(Camp::first);

  private final Map<FinalAnswer, Camp> camps = new LinkedHashMap<>();
  private final Map<Integer, Camp> bySample = new LinkedHashMap<>();
  private final Map<Integer, FinalAnswer> answers = new LinkedHashMap<>();

  /**
   * A sample ended.
   *
   * @param whole whether by itself: one that was cut off comes last
   */
  void count(int sample, Optional<FinalAnswer> answer, boolean whole) {
    Camp camp =
        answer
            .map(given -> camps.computeIfAbsent(given, _ -> new Camp(true)))
            .orElseGet(() -> new Camp(false));
    camp.samples.add(sample);
    camp.objections += whole ? 0 : 1;
    bySample.put(sample, camp);
    answer.ifPresent(given -> answers.put(sample, given));
  }

  /** The answer of a sample is said to be wrong. */
  void object(int sample) {
    bySample.get(sample).objections++;
  }

  /** The sample to be given as things stand; empty if none was counted. */
  OptionalInt leader() {
    return bySample.values().stream()
        .min(BEST_FIRST)
        .map(camp -> OptionalInt.of(camp.first()))
        .orElse(OptionalInt.empty());
  }

  Optional<FinalAnswer> answer(int sample) {
    return Optional.ofNullable(answers.get(sample));
  }

  /**
   * Which of the samples that are not counted yet can still change what is given: all of them as
   * long as another answer may win, then those that may be an earlier sample of the same answer.
   */
  List<Integer> needed(Collection<Integer> outstanding) {
    Optional<Camp> leading = bySample.values().stream().min(BEST_FIRST);
    if (outstanding.isEmpty() || leading.isEmpty() || !isCertain(leading.get(), outstanding)) {
      return List.copyOf(outstanding);
    }
    int first = leading.get().first();
    return outstanding.stream().filter(sample -> sample < first).toList();
  }

  /** Whether no way in which the outstanding samples may vote takes its lead. */
  private boolean isCertain(Camp leading, Collection<Integer> outstanding) {
    if (!leading.votes) {
      return false;
    }
    int more = outstanding.size();
    int earliest = outstanding.stream().mapToInt(Integer::intValue).min().orElseThrow();
    boolean newOneWins = wins(more, earliest, leading);
    return !newOneWins
        && camps.values().stream()
            .filter(camp -> camp != leading)
            .noneMatch(
                camp -> wins(camp.weight() + more, Math.min(camp.first(), earliest), leading));
  }

  private static boolean wins(int weight, int first, Camp leading) {
    return weight > leading.weight() || (weight == leading.weight() && first < leading.first());
  }

  List<Tally.Count> counts() {
    return camps.values().stream()
        .sorted(
            Comparator.comparingInt((Camp camp) -> -camp.samples.size())
                .thenComparingInt(Camp::first))
        .map(
            camp -> new Tally.Count(answers.get(camp.first()).written(), List.copyOf(camp.samples)))
        .toList();
  }

  List<Integer> undecided() {
    List<Integer> undecided = new ArrayList<>();
    bySample.forEach(
        (sample, camp) -> {
          if (!camp.votes) {
            undecided.add(sample);
          }
        });
    undecided.sort(null);
    return undecided;
  }
}
