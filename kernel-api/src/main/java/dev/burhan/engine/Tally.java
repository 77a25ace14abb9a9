package dev.burhan.engine;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How several answers to one prompt were weighed: see {@link Reasoning}. Samples are numbered from
 * 0 in the order in which they were begun; sample i is what the request's seed plus i gives.
 *
 * @param answers the distinct final answers (see {@link
 *     dev.burhan.reasoning.AnswerExtraction#find}), the most frequent first, of equals the one that
 *     has the earliest sample
 * @param undecided samples that ended without a final answer, or were cut off before it
 * @param chosen the sample that is given, as far as is known; empty while there is none
 * @param started how many samples were begun
 * @param finished how many of them ended by themselves
 * @param cancelled how many of them were ended early, as they could change nothing any more or the
 *     caller wanted no more
 * @param checks what the model said of answers, in order
 */
public record Tally(
    List<Count> answers,
    List<Integer> undecided,
    OptionalInt chosen,
    int started,
    int finished,
    int cancelled,
    List<Check> checks) {

  public Tally {
    answers = List.copyOf(answers);
    undecided = List.copyOf(undecided);
    checks = List.copyOf(checks);
    Objects.requireNonNull(chosen, "chosen");
  }

  /**
   * An answer, as its first sample writes it, and the samples that came to it, earliest first;
   * {@link dev.burhan.reasoning.FinalAnswer} says which answers are one.
   */
  public record Count(String answer, List<Integer> samples) {
    public Count {
      Objects.requireNonNull(answer, "answer");
      samples = List.copyOf(samples);
    }
  }

  /**
   * The model was asked whether a sample's answer is right.
   *
   * @param answer the final answer; empty if the sample has none and was judged as a whole
   */
  public record Check(int sample, String answer, Opinion opinion) {
    public Check {
      Objects.requireNonNull(answer, "answer");
      Objects.requireNonNull(opinion, "opinion");
    }
  }

  /** What a model says of an answer. */
  public enum Opinion {
    RIGHT,
    WRONG,
    /** It said neither, or did not come to an end. */
    NONE
  }

  /** How many samples came to the chosen one's answer; 0 if that is undecided. */
  public int agreeing() {
    return chosen.isEmpty()
        ? 0
        : answers.stream()
            .filter(count -> count.samples().contains(chosen.getAsInt()))
            .mapToInt(count -> count.samples().size())
            .findFirst()
            .orElse(0);
  }

  /** How many samples have a final answer. */
  public int decided() {
    return answers.stream().mapToInt(count -> count.samples().size()).sum();
  }
}
