package dev.burhan.kernel.scheduler;

import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.ModelStatistics;
import dev.burhan.engine.RequestFigures;
import dev.burhan.engine.StepFigures;
import dev.burhan.kernel.observe.Observation;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a scheduler tells of its work. Written by the model's thread; {@link #statistics} is for
 * any. Who watches is never a reason to fail.
 */
final class Report {
  private static final Logger LOG = LoggerFactory.getLogger(Report.class);

  private final String model;
  private volatile int pages;
  private final Observation observation;
  private volatile int running;
  private volatile int waiting;
  private volatile int held;
  private volatile int idle;

  /**
   * Nothing was done yet.
   *
   * @param model its name
   */
  Report(String model, Observation observation) {
    this.model = model;
    this.observation = observation;
  }

  /** So many requests and pages of each kind there are now. */
  void now(int running, int waiting, int pages, int held, int idle) {
    this.pages = pages;
    this.running = running;
    this.waiting = waiting;
    this.held = held;
    this.idle = idle;
  }

  /**
   * A step was run.
   *
   * @param nanos it took in all, {@code kernels} of them in the program
   * @param prompts columns of prompts
   * @param generated all other columns
   * @param tokens drawn from it
   */
  void stepped(
      long began, long nanos, long kernels, int sequences, int prompts, int generated, int tokens) {
    try {
      observation.stepped(
          new StepFigures(
              model, began, nanos, kernels, sequences, prompts, generated, tokens, held, waiting));
    } catch (RuntimeException | Error e) {
      LOG.warn("a step is not observed", e);
    }
  }

  /** A request ended for a reason, or failed. */
  void ended(Request request, Optional<FinishReason> reason, Optional<String> failure) {
    Times times = request.times();
    try {
      observation.ended(
          new RequestFigures(
              model,
              reason,
              failure,
              request.usage(),
              times.inQueue(),
              times.toFirstToken(),
              times.total(),
              times.meanBetween(),
              times.mostBetween(),
              request.preemptions()));
    } catch (RuntimeException | Error e) {
      LOG.warn("a request's end is not observed", e);
    }
  }

  /** What was done so far and is done now. */
  ModelStatistics statistics() {
    return observation
        .counted()
        .now(running, waiting, new ModelStatistics.Pages(pages, held, idle));
  }
}
