package dev.burhan.kernel.observe;

import dev.burhan.engine.EngineObserver;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.ModelStatistics;
import dev.burhan.engine.RequestFigures;
import dev.burhan.engine.StepFigures;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Where a model's figures go: into counts, into a flight recording where one runs, and to whoever
 * observes the engine. {@link #stepped} and {@link #ended} are called by the model's thread alone,
 * take no time to speak of, and run nobody's code on it: observers are told by a thread of their
 * own, and miss what comes while a bounded queue is full.
 */
public final class Observation implements AutoCloseable {
  private final Delivery delivery;
  private final FlightEvents recorder = new FlightEvents();

  private final Object counts = new Object(); // held for a few additions, by nobody's code but ours
  private long steps;
  private long promptTokens;
  private long cachedTokens;
  private long generatedTokens;
  private long drafted;
  private long accepted;
  private long preemptions;
  private final Map<FinishReason, Long> ended = new EnumMap<>(FinishReason.class);
  private long failed;
  private long stepNanos;
  private long kernelNanos;

  /**
   * Begins; no thread is started before there is something to tell.
   *
   * @param model the model's name
   * @param observers those that are there when it is called; it may be called by any thread
   */
  public Observation(String model, Supplier<List<EngineObserver>> observers) {
    this.delivery = new Delivery(model, observers);
  }

  /** A step was run. */
  public void stepped(StepFigures step) {
    synchronized (counts) {
      steps++;
      promptTokens += step.promptColumns();
      generatedTokens += step.tokens();
      stepNanos += step.durationNanos();
      kernelNanos += step.kernelNanos();
    }
    recorder.record(step);
    delivery.offer(step);
  }

  /** A request ended. */
  public void ended(RequestFigures request) {
    synchronized (counts) {
      cachedTokens += request.usage().cached();
      drafted += request.usage().drafted();
      accepted += request.usage().accepted();
      preemptions += request.preemptions();
      request
          .reason()
          .ifPresentOrElse(reason -> ended.merge(reason, 1L, Long::sum), () -> failed++);
    }
    recorder.record(request);
    delivery.offer(request);
  }

  /** What was counted so far; what depends on the moment is zero. */
  public ModelStatistics counted() {
    synchronized (counts) {
      return new ModelStatistics(
          0,
          0,
          ModelStatistics.NONE.pages(),
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

  /** Figures that no observer was told of, as the queue was full. */
  public long dropped() {
    return delivery.dropped();
  }

  /** Ends once observers were told what is queued; does not wait for it. Idempotent. */
  @Override
  public void close() {
    delivery.close();
  }
}
