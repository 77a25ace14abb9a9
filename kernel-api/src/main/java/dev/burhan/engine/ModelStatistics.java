package dev.burhan.engine;

import dev.burhan.engine.GenerationEvent.FinishReason;
import java.util.HashMap;
import java.util.Map;

/**
 * What a model does at this moment and what it did since it was loaded. A snapshot: its numbers
 * belong to one moment as nearly as can be told without stopping the model.
 *
 * @param running requests that are being worked on
 * @param waiting requests that wait for room
 * @param pages pages of keys and values
 * @param steps steps that were run
 * @param promptTokens tokens of prompts that were computed, those computed again after a preemption
 *     included
 * @param cachedTokens tokens of prompts that were not computed, as the prefix cache held them
 * @param generatedTokens tokens that were generated
 * @param drafted tokens that were guessed ahead and checked
 * @param accepted how many of those the model chose too
 * @param preemptions times that a running request gave its pages up and went on later
 * @param ended requests that ended, by reason
 * @param failed requests that ended with an error
 * @param stepNanos nanoseconds spent in steps
 * @param kernelNanos of those, in the program's own work; the rest is the engine's
 */
public record ModelStatistics(
    int running,
    int waiting,
    Pages pages,
    long steps,
    long promptTokens,
    long cachedTokens,
    long generatedTokens,
    long drafted,
    long accepted,
    long preemptions,
    Map<FinishReason, Long> ended,
    long failed,
    long stepNanos,
    long kernelNanos) {

  /** Of a model that did nothing, or does not count. */
  public static final ModelStatistics NONE =
      new ModelStatistics(0, 0, new Pages(0, 0, 0), 0, 0, 0, 0, 0, 0, 0, Map.of(), 0, 0, 0);

  /**
   * Pages of keys and values.
   *
   * @param total all there are
   * @param held in use by requests
   * @param cached not in use, kept for prompts that begin alike, and given up when room is needed;
   *     the rest is free
   */
  public record Pages(int total, int held, int cached) {}

  public ModelStatistics {
    ended = Map.copyOf(ended);
  }

  /** What two models do and did together. */
  public ModelStatistics plus(ModelStatistics other) {
    Map<FinishReason, Long> all = new HashMap<>(ended);
    other.ended.forEach((reason, count) -> all.merge(reason, count, Long::sum));
    return new ModelStatistics(
        running + other.running,
        waiting + other.waiting,
        new Pages(
            pages.total + other.pages.total,
            pages.held + other.pages.held,
            pages.cached + other.pages.cached),
        steps + other.steps,
        promptTokens + other.promptTokens,
        cachedTokens + other.cachedTokens,
        generatedTokens + other.generatedTokens,
        drafted + other.drafted,
        accepted + other.accepted,
        preemptions + other.preemptions,
        all,
        failed + other.failed,
        stepNanos + other.stepNanos,
        kernelNanos + other.kernelNanos);
  }

  /** The same counts with other numbers of this moment. */
  public ModelStatistics now(int running, int waiting, Pages pages) {
    return new ModelStatistics(
        running,
        waiting,
        pages,
        steps,
        promptTokens,
        cachedTokens,
        generatedTokens,
        drafted,
        accepted,
        preemptions,
        ended,
        failed,
        stepNanos,
        kernelNanos);
  }
}
