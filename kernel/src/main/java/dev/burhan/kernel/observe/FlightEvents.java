package dev.burhan.kernel.observe;

import dev.burhan.engine.RequestFigures;
import dev.burhan.engine.StepFigures;
import java.util.Locale;
import jdk.jfr.FlightRecorder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes figures into flight recordings. The JVM rewrites classes of events, and they name classes
 * of its own then: a framework that does not let them be found costs recordings, and nothing else.
 * Called by one thread.
 */
final class FlightEvents {
  private static final Logger LOG = LoggerFactory.getLogger(FlightEvents.class);

  private boolean broken;

  void record(StepFigures step) {
    if (records()) {
      try {
        commit(step);
      } catch (LinkageError e) {
        giveUp(e);
      }
    }
  }

  void record(RequestFigures request) {
    if (records()) {
      try {
        commit(request);
      } catch (LinkageError e) {
        giveUp(e);
      }
    }
  }

  /**
   * Whether there was ever a recording in this process. The first event of all brings the
   * recorder's classes up, 0.2 s on the thread of whoever waits for a first token: not for nobody.
   */
  private boolean records() {
    return !broken && FlightRecorder.isInitialized();
  }

  private void giveUp(LinkageError cause) {
    broken = true;
    LOG.warn(
        "steps and requests are not recorded: the framework should delegate jdk.jfr.internal.* to the JVM ({})",
        cause.toString());
  }

  private static void commit(StepFigures step) {
    StepEvent event = new StepEvent(); // never leaves this method when nothing is recorded
    if (!event.isEnabled()) {
      return;
    }
    event.model = step.model();
    event.elapsed = step.durationNanos();
    event.kernels = step.kernelNanos();
    event.sequences = step.sequences();
    event.promptColumns = step.promptColumns();
    event.generatedColumns = step.generatedColumns();
    event.tokens = step.tokens();
    event.pagesHeld = step.pagesHeld();
    event.waiting = step.waiting();
    event.commit();
  }

  private static void commit(RequestFigures request) {
    RequestEvent event = new RequestEvent();
    if (!event.isEnabled()) {
      return;
    }
    event.model = request.model();
    event.reason =
        request.reason().map(reason -> reason.name().toLowerCase(Locale.ROOT)).orElse("error");
    event.failure = request.failure().orElse(null);
    event.promptTokens = request.usage().prompt();
    event.cachedTokens = request.usage().cached();
    event.reasoningTokens = request.usage().reasoning();
    event.answerTokens = request.usage().answer();
    event.draftedTokens = request.usage().drafted();
    event.acceptedTokens = request.usage().accepted();
    event.queued = request.queuedNanos();
    event.firstToken = request.firstTokenNanos();
    event.total = request.totalNanos();
    event.meanBetween = request.meanBetweenNanos();
    event.mostBetween = request.mostBetweenNanos();
    event.preemptions = request.preemptions();
    event.commit();
  }
}
