package dev.burhan.kernel.scheduler;

import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.Service;
import java.time.Duration;
import java.util.Optional;

/**
 * One sequence's way through the scheduler. All methods but {@link #cancel} and {@link #cancelled}
 * are called on the model's thread. After {@link #admitted}, once or several times, exactly one of
 * {@link #ended} and {@link #fail} is called, as the last.
 */
abstract class Request {
  private static final Duration LONG = Duration.ofDays(10_000);

  private final Service service;
  private volatile boolean cancelled;
  private volatile Runnable waker = () -> {};

  /** When it came, by the scheduler's clock; in nanoseconds. */
  private long arrived;

  private long number;
  private final long timeout; // nanoseconds, if there is one

  private Optional<Sequence> sequence = Optional.empty();
  private int preemptions;

  Request(Service service) {
    this.service = service;
    this.timeout = service.timeout().map(Request::nanos).orElse(0L);
  }

  private static long nanos(Duration time) {
    return time.compareTo(LONG) > 0 ? LONG.toNanos() : time.toNanos();
  }

  final Service service() {
    return service;
  }

  /** Ends it soon, from any thread. */
  public void cancel() {
    cancelled = true;
    waker.run();
  }

  final boolean cancelled() {
    return cancelled;
  }

  /** Wakes the model's thread, if it waits. */
  final void wake() {
    waker.run();
  }

  /** Whom to call when something changed. */
  final void waker(Runnable thread) {
    waker = thread;
  }

  /** It came at such a time, as the {@code number}-th. */
  final void arrivedAt(long nanos, long number) {
    this.arrived = nanos;
    this.number = number;
  }

  final long number() {
    return number;
  }

  /** When its time is up; {@link Long#MAX_VALUE} if it has no limit. */
  final long deadline() {
    return service.timeout().isEmpty() ? Long.MAX_VALUE : arrived + timeout;
  }

  final long arrived() {
    return arrived;
  }

  /** Takes its place in the scheduler. */
  final void begin(PagePool pages, int tokensPerPage, Optional<PrefixKeys> sharing) {
    int[] tokens = tokens();
    sequence =
        Optional.of(new Sequence(tokens, promptLength(), pages, tokensPerPage, shared(sharing)));
  }

  final Sequence sequence() {
    return sequence.orElseThrow();
  }

  final int preemptions() {
    return preemptions;
  }

  /** Loses its pages; it will be computed again. */
  void preempted() {
    preemptions++;
    sequence().release();
  }

  /** Tokens that are known but not in the cache. */
  final int remaining() {
    return sequence().length() - sequence().computed();
  }

  /** Its sequence goes on in the cache of another program. */
  void moved(StepRunner to) {}

  /** All tokens that it begins with. */
  abstract int[] tokens();

  /** How many of them are a prompt's. */
  abstract int promptLength();

  /** With whom it shares pages, of those who may. */
  Optional<PrefixKeys> shared(Optional<PrefixKeys> sharing) {
    return sharing;
  }

  /** Whether it can go on now; if not, it wakes the thread when it can. */
  boolean ready() {
    return true;
  }

  /** It has pages and will be worked on; what the cache held of it is computed. */
  void admitted(StepRunner steps) {}

  /**
   * Appends guesses of its next tokens to the sequence, whose last token alone is not computed.
   *
   * @param most how many can be checked
   * @param others how many other requests run
   * @param alone whether there are none, running or waiting
   * @return how many
   */
  int guess(int most, int others, boolean alone) {
    return 0;
  }

  /** How many tokens it wants to compute at once of the {@code budget}, which is at least 1. */
  int count(int budget, int logitRows) {
    return Math.min(budget, remaining());
  }

  /** Of how many of the next {@code count} tokens, the last ones, logits are wanted. */
  abstract int wanted(int count);

  /**
   * Its next tokens were computed; the sequence says so already.
   *
   * @param count how many
   * @param column the step's column of the first of them
   * @param row the step's first row of its logits
   * @return why it ended; empty if it goes on
   */
  abstract Optional<FinishReason> computed(StepRunner steps, int count, int column, int row);

  /** What was guessed last can't be checked after all; the sequence is without it again. */
  void withdrawn() {}

  /** Tokens that it has generated. */
  int generated() {
    return 0;
  }

  /** Tokens counted so far. */
  abstract Usage usage();

  /** When what happened to it. */
  abstract Times times();

  /** Positions below it are final: others may share them. */
  int finalLength() {
    return sequence().computed();
  }

  /** It is over. */
  abstract void ended(FinishReason reason);

  /** It failed. */
  abstract void fail(RuntimeException cause);

  /** Gives everything back. */
  void release() {
    sequence.ifPresent(Sequence::close);
  }
}
