package dev.burhan.kernel.scheduler;

import dev.burhan.engine.GenerationEvent.Timings;

/** When what happened to a request, in nanoseconds. Owned by the model's thread once it is made. */
final class Times {
  private final long queued;
  private long started;
  private long first;
  private long last;
  private long end;
  private int tokens;
  private long mostBetween;

  /** It was asked for at such a time. */
  Times(long queued) {
    this.queued = queued;
  }

  /** Its first step begins. */
  void started(long now) {
    started = now;
  }

  /** A token came. */
  void token(long now) {
    if (tokens++ == 0) {
      first = now;
    } else {
      mostBetween = Math.max(mostBetween, now - last);
    }
    last = now;
  }

  /** It is over. */
  void end(long now) {
    end = now;
    started = started == 0 ? now : started;
  }

  /** As the caller is told. */
  Timings timings() {
    long prompt = tokens == 0 ? end : first;
    return new Timings(started - queued, prompt - started, end - prompt);
  }

  long inQueue() {
    return started - queued;
  }

  /** From the request to its first token; 0 if there was none. */
  long toFirstToken() {
    return tokens == 0 ? 0 : first - queued;
  }

  long total() {
    return end - queued;
  }

  /** Mean time between two tokens; 0 if there were not two. */
  long meanBetween() {
    return tokens < 2 ? 0 : (last - first) / (tokens - 1);
  }

  /** Longest time between two tokens; 0 if there were not two. */
  long mostBetween() {
    return mostBetween;
  }
}
