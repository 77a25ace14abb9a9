package dev.burhan.engine;

import java.util.List;

/**
 * What a generation tells, in order: {@link Started}, any number of {@link Text}, then one {@link
 * Finished}.
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

  /** The generation ended. */
  record Finished(FinishReason reason, Usage usage, Timings timings) implements GenerationEvent {}

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
   * Tokens counted.
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
   * Times in nanoseconds.
   *
   * @param queued from the request to the first step
   * @param prefill from the first step to the first token
   * @param decode from the first token to the last
   */
  record Timings(long queued, long prefill, long decode) {}
}
