package dev.burhan.kernel.reasoning;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.Checked;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Started;
import dev.burhan.engine.GenerationEvent.Timings;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.GenerationEvent.Voted;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.Service;
import dev.burhan.engine.Tally;
import dev.burhan.engine.Tally.Opinion;
import dev.burhan.kernel.reasoning.Sample.Signal;
import dev.burhan.kernel.reasoning.Sample.Stage;
import dev.burhan.kernel.threads.Uninterruptible;
import dev.burhan.provider.UsageException;
import dev.burhan.reasoning.FinalAnswer;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One answer out of several: samples of one prompt are generated beside one another, and the first
 * one with the answer that most of them come to is given; where it is asked for, the model judges
 * the answer first, and another sample is drawn where it says no.
 *
 * <p>A thread of its own conducts the samples. What is given is a function of the request,
 * whichever sample was quicker: see {@link Ballot}.
 */
public final class VotedGeneration implements Generation {
  /** How often the model is asked about an answer at most. */
  public static final int MOST_CHECKS = 3;

  /** Who generates. */
  @FunctionalInterface
  public interface Maker {
    /**
     * Queues one generation.
     *
     * @param promptComputed run once, by the model's thread, when its first token is there: from
     *     then on others find its prompt in the cache
     */
    Generation begin(GenerationRequest request, Runnable promptComputed);
  }

  private static final int NO_SAMPLE = -1; // the number of a check

  private final GenerationRequest request;
  private final Maker engine;
  private final Optional<Verification> verification;
  private final int context;
  private final long began = System.nanoTime();
  private final OptionalLong deadline; // as nanoTime has it
  private final LinkedBlockingQueue<Object> events =
      new LinkedBlockingQueue<>(); // events, or one exception
  private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Set<Sample> running = ConcurrentHashMap.newKeySet();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean cancelled;
  private boolean taken; // of the taking thread: the last event

  // Of the conducting thread.
  private final List<Sample> samples = new ArrayList<>();
  private final TreeSet<Integer> outstanding = new TreeSet<>();
  private final Set<Integer> dropped = new TreeSet<>();
  private final Ballot ballot = new Ballot();
  private final List<Tally.Check> checks = new ArrayList<>();
  private int cutOff;
  private boolean promptComputed;
  private Usage usage = new Usage(0, 0, 0);

  private VotedGeneration(
      GenerationRequest request, int context, Optional<Verification> verification, Maker engine) {
    this.request = request;
    this.context = context;
    this.verification = verification;
    this.engine = engine;
    Optional<Duration> timeout = request.service().timeout();
    this.deadline =
        timeout.isPresent()
            ? OptionalLong.of(began + timeout.get().toNanos())
            : OptionalLong.empty();
  }

  /** Whether a request asks for more than one answer as it comes. */
  public static boolean isWanted(Reasoning reasoning) {
    return reasoning.votes() > 1 || reasoning.verify();
  }

  /**
   * Begins.
   *
   * @param context most tokens of a sequence
   * @param engine generates one sample or check, on which nothing is weighed
   * @throws UsageException if the request can't be weighed, or as {@code engine} throws
   */
  public static VotedGeneration begin(
      GenerationRequest request,
      int context,
      Optional<ChatFormat> format,
      Optional<Tokenizer> tokenizer,
      Maker engine) {
    if (request.reasoning().votes() > 1 && isGreedy(request)) {
      throw new UsageException(
          "%d votes need answers that differ, and with temperature 0 all are the same; set a temperature above 0, such as 0.6"
              .formatted(request.reasoning().votes()));
    }
    if (tokenizer.isEmpty()) {
      throw new UsageException(
          "votes need a tokenizer to read answers with, and the checkpoint has none");
    }
    Optional<Verification> verification =
        request.reasoning().verify()
            ? Optional.of(new Verification(request, format, tokenizer))
            : Optional.empty();
    VotedGeneration voted = new VotedGeneration(request, context, verification, engine);
    voted.draw();
    Thread.ofVirtual().name("burhan-vote").start(voted::conduct);
    return voted;
  }

  private static boolean isGreedy(GenerationRequest request) {
    return request.sampling().temperature() == 0;
  }

  private void conduct() {
    try {
      vote();
      verify();
      tell();
    } catch (RuntimeException e) {
      fail(e);
    } catch (InterruptedException e) {
      fail(new IllegalStateException("interrupted", e)); // nobody interrupts this thread
    } finally {
      ended.countDown();
    }
  }

  private void vote() throws InterruptedException {
    while (!promptComputed) {
      hear(); // the others find the prompt in the cache
    }
    while (samples.size() < request.reasoning().votes() && goesOn()) {
      draw();
    }
    hearAll();
  }

  /** Until all samples ended; those that can't change anything are cancelled on the way. */
  private void hearAll() throws InterruptedException {
    while (!running.isEmpty()) {
      // A check may take votes off, so that with checks every vote counts.
      if (verification.isEmpty()) {
        List<Integer> needed = ballot.needed(outstanding);
        outstanding.stream().filter(sample -> !needed.contains(sample)).forEach(this::drop);
        outstanding.retainAll(needed);
      }
      hear();
    }
  }

  private void drop(int sample) {
    dropped.add(sample);
    samples.get(sample).cancel();
  }

  private void verify() throws InterruptedException {
    if (verification.isEmpty() || ballot.leader().isEmpty()) {
      return;
    }
    for (int round = 1; goesOn(); round++) {
      Sample leader = samples.get(ballot.leader().orElseThrow());
      if (!leader.isWhole() || leader.answer().isBlank()) {
        return; // there is nothing to judge
      }
      Opinion opinion = ask(leader);
      if (cancelled) {
        return;
      }
      String answer = ballot.answer(leader.number()).map(FinalAnswer::written).orElse("");
      checks.add(new Tally.Check(leader.number(), answer, opinion));
      if (opinion == Opinion.WRONG) {
        ballot.object(leader.number());
      }
      events.add(new Checked(tally()));
      if (opinion != Opinion.WRONG || round == MOST_CHECKS || isGreedy(request) || !goesOn()) {
        return;
      }
      draw();
      hearAll();
    }
  }

  private Opinion ask(Sample sample) throws InterruptedException {
    Optional<GenerationRequest> question =
        verification.orElseThrow().about(sample.answer(), context);
    if (question.isEmpty()) {
      return Opinion.NONE;
    }
    Sample check = begin(NO_SAMPLE, question.get());
    hearAll();
    return check.isWhole() ? Verification.opinion(check.answer()) : Opinion.NONE;
  }

  /** Begins the next sample. */
  private void draw() {
    int number = samples.size();
    GenerationRequest one =
        request
            .withReasoning(new Reasoning(request.reasoning().budget(), 1, false))
            .withSampling(request.sampling().withSeed(request.sampling().seed() + number));
    samples.add(begin(number, one));
    outstanding.add(number);
  }

  private Sample begin(int number, GenerationRequest wanted) {
    Sample sample = new Sample(number, signals::add);
    sample.begin(engine, wanted.withService(service()));
    running.add(sample);
    if (cancelled) {
      sample.cancel(); // the one who cancelled may not have seen it
    }
    sample.listen();
    return sample;
  }

  /** As asked for, with what is left of its time. */
  private Service service() {
    return deadline.isEmpty()
        ? request.service()
        : request.service().withTimeout(Duration.ofNanos(Math.max(1, nanosLeft())));
  }

  private long nanosLeft() {
    return deadline.isEmpty() ? Long.MAX_VALUE : deadline.getAsLong() - System.nanoTime();
  }

  /** Whether another sample may be begun. */
  private boolean goesOn() {
    return !cancelled && nanosLeft() > 0;
  }

  private void hear() throws InterruptedException {
    Signal signal = signals.take();
    Sample sample = signal.sample();
    if (sample.number() == 0 && !promptComputed) {
      promptComputed = true;
      events.add(new Started(request.prompt().size()));
    }
    switch (signal.stage()) {
      case SPEAKING -> {}
      case ENDED -> ended(sample);
      case FAILED -> {
        running.remove(sample);
        throw sample.failure();
      }
    }
  }

  private void ended(Sample sample) {
    running.remove(sample);
    account(sample);
    int number = sample.number();
    if (number == NO_SAMPLE) {
      return;
    }
    outstanding.remove(number);
    if (dropped.contains(number) || sample.finished().reason() == FinishReason.CANCELLED) {
      cutOff++;
      return;
    }
    Optional<FinalAnswer> answer = sample.finalAnswer();
    ballot.count(number, answer, sample.isWhole());
    events.add(new Voted(number, answer.map(FinalAnswer::written), tally()));
  }

  private void account(Sample sample) {
    Usage more = sample.finished().usage();
    boolean first = sample.number() == 0;
    usage =
        new Usage(
            first ? more.prompt() : usage.prompt(),
            usage.reasoning() + more.reasoning(),
            usage.answer() + more.answer(),
            usage.drafted() + more.drafted(),
            usage.accepted() + more.accepted(),
            first ? more.cached() : usage.cached());
  }

  private Tally tally() {
    OptionalInt leader = ballot.leader();
    int begun = samples.size();
    int whole = begun - outstanding.size() - cutOff - stillDropping();
    return new Tally(ballot.counts(), ballot.undecided(), leader, begun, whole, cutOff, checks);
  }

  private int stillDropping() {
    return (int) running.stream().filter(sample -> dropped.contains(sample.number())).count();
  }

  private void tell() {
    Sample chosen = samples.get(ballot.leader().orElse(0));
    events.addAll(chosen.texts());
    Timings first = samples.getFirst().finished().timings();
    long decode = System.nanoTime() - began - first.queued() - first.prefill();
    events.add(
        new Finished(
            cancelled ? FinishReason.CANCELLED : chosen.finished().reason(),
            usage,
            new Timings(first.queued(), first.prefill(), Math.max(0, decode)),
            Optional.of(tally())));
  }

  private void fail(RuntimeException cause) {
    running.forEach(Sample::cancel);
    while (!running.isEmpty()) {
      try {
        Signal signal = signals.take();
        if (signal.stage() == Stage.ENDED || signal.stage() == Stage.FAILED) {
          running.remove(signal.sample());
        }
      } catch (InterruptedException e) {
        break; // nobody interrupts this thread
      }
    }
    events.add(cause);
  }

  @Override
  public GenerationEvent next() throws InterruptedException {
    if (taken) {
      return null;
    }
    Object event = events.take();
    if (event instanceof RuntimeException failure) {
      taken = true;
      throw failure;
    }
    taken = event instanceof Finished;
    return (GenerationEvent) event;
  }

  @Override
  public void cancel() {
    cancelled = true;
    running.forEach(Sample::cancel);
  }

  @Override
  public void close() {
    cancel();
    Uninterruptible.await(ended::await);
  }
}
