package dev.burhan.engine;

import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Usage;
import java.util.Objects;
import java.util.Optional;

/**
 * A request that ended.
 *
 * @param model the model's name, as {@link LoadedModel#name}
 * @param reason why it ended; empty if it failed
 * @param failure why it failed; empty if it did not
 * @param usage its tokens, as far as it came
 * @param queuedNanos from the request to its first step
 * @param firstTokenNanos from the request to its first token; 0 if there was none
 * @param totalNanos from the request to its end
 * @param meanBetweenNanos mean time between two tokens; 0 if there were not two
 * @param mostBetweenNanos longest time between two tokens; 0 if there were not two
 * @param preemptions how often it gave its pages up and went on later
 */
public record RequestFigures(
    String model,
    Optional<FinishReason> reason,
    Optional<String> failure,
    Usage usage,
    long queuedNanos,
    long firstTokenNanos,
    long totalNanos,
    long meanBetweenNanos,
    long mostBetweenNanos,
    int preemptions) {

  public RequestFigures {
    Objects.requireNonNull(usage, "usage");
    if (reason.isPresent() == failure.isPresent()) {
      throw new IllegalArgumentException("a request ends for a reason or fails, one of the two");
    }
  }
}
