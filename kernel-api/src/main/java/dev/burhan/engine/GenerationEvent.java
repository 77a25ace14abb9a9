package dev.burhan.engine;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a generation tells, in order: {@link Started}, any number of {@link Text}, then one {@link
 * Finished}. Where several answers are weighed, a {@link Weighing} comes with each step of that,
 * and texts come after the decision only.
 */
public sealed interface GenerationEvent {

  /** The prompt is being worked on. */
  record Started(int promptTokens) implements GenerationEvent {}

  /**
   * New characters.
   *
   * @param reasoning whether they belong to the thought and not to the answer
   * @param text at least one character, or none if the tokens complete none yet
   * @param tokens the tokens that were generated since the last event, with what was asked about
   *     them
   */
  record Text(boolean reasoning, String text, List<GeneratedToken> tokens)
      implements GenerationEvent {
    public Text {
      tokens = List.copyOf(tokens);
    }
  }

  /** One of several answers came, or was judged. */
  sealed interface Weighing extends GenerationEvent {
    /** How it stands by now. */
    Tally tally();
  }

  /**
   * A sample ended.
   *
   * @param answer its final answer; empty if it has none
   */
  record Voted(int sample, Optional<String> answer, Tally tally) implements Weighing {}

  /** The model was asked whether an answer is right; the tally's last check has what it said. */
  record Checked(Tally tally) implements Weighing {}

  /**
   * The generation ended.
   *
   * @param tally how its answer was found, where there was more than one or it was checked
   */
  record Finished(FinishReason reason, Usage usage, Timings timings, Optional<Tally> tally)
      implements GenerationEvent {
    public Finished {
      Objects.requireNonNull(tally, "tally");
    }

    /** Without votes and checks. */
    public Finished(FinishReason reason, Usage usage, Timings timings) {
      this(reason, usage, timings, Optional.empty());
    }
  }

  /**
   * A generated token.
   *
   * @param logprob natural logarithm of its probability before sampling cut anything; NaN if not
   *     asked for
   * @param alternatives the likeliest tokens, likeliest first
   */
  record GeneratedToken(int id, float logprob, List<Alternative> alternatives) {
    public GeneratedToken {
      alternatives = List.copyOf(alternatives);
    }
  }

  /** A token that could have been. */
  record Alternative(int id, float logprob) {}

  /** Why a generation ended. */
  enum FinishReason {
    /** The model ended its answer, or a stop text came. */
    STOP,
    /** The token limit or the context was reached. */
    LENGTH,
    /** A content policy ended it. */
    BLOCKED,
    /** Its time was up: see {@link Service#timeout}. */
    TIMEOUT,
    /** The caller cancelled it. */
    CANCELLED
  }

  /**
   * Tokens counted. Where several answers were weighed, generated tokens are those of all samples
   * and checks, cancelled ones included; the prompt is counted once, and what checks are asked is
   * not counted.
   *
   * @param prompt tokens of the prompt
   * @param reasoning generated tokens that belong to the thought, its tags included
   * @param answer all other generated tokens
   * @param drafted tokens that were guessed ahead and checked; they are counted as generated only
   *     if they were accepted
   * @param accepted how many of those the model chose too
   * @param cached tokens of the prompt that were not computed, as the cache held them from earlier
   */
  record Usage(int prompt, int reasoning, int answer, int drafted, int accepted, int cached) {

    public Usage(int prompt, int reasoning, int answer, int drafted, int accepted) {
      this(prompt, reasoning, answer, drafted, accepted, 0);
    }

    /** Without guesses. */
    public Usage(int prompt, int reasoning, int answer) {
      this(prompt, reasoning, answer, 0, 0);
    }

    public Usage withDrafts(int drafted, int accepted) {
      return new Usage(prompt, reasoning, answer, drafted, accepted, cached);
    }

    public Usage withCached(int cached) {
      return new Usage(prompt, reasoning, answer, drafted, accepted, cached);
    }

    public int generated() {
      return reasoning + answer;
    }
  }

  /**
   * Times in nanoseconds. Where several answers were weighed, the first token is the first
   * sample's, and the last one comes with the decision.
   *
   * @param queued from the request to the first step
   * @param prefill from the first step to the first token
   * @param decode from the first token to the last
   */
  record Timings(long queued, long prefill, long decode) {}
}
