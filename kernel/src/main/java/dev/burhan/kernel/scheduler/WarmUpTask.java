package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Stop;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.kernel.sampling.Sampler;
import dev.burhan.provider.Progress;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs steps with random tokens until they get no faster, so that all kernels of the model are
 * compiled before anybody waits for them: prompts in chunks of many, a few and one token, then
 * generated tokens, with their sampling and a draft head's guesses. Its pages are its own and given
 * back; it yields to every request.
 */
public final class WarmUpTask implements BackgroundTask, Stop {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUpTask.class);

  /** A few tokens: the end of a prompt that is a little longer than some chunks. */
  private static final int FEW = 5;

  private static final int GENERATED = 8;

  /** While code is cold, more tokens cost time and teach the compilers nothing more. */
  private static final int FIRST_CHUNK = 16;

  /** Rounds are made longer as long as they are shorter than this. */
  private static final long LONG_ROUND = 400_000_000;

  /** It is warm if nothing got faster and next to nothing was compiled for so long. */
  private static final long QUIET = 700_000_000;

  private static final double FASTER = 1.05;

  /** Compilers always find something: the part of a round's time that counts as nothing. */
  private static final double TRICKLE = 0.1;

  /** As long as code that never ran may take. */
  public static final Duration MOST = Duration.ofSeconds(8);

  private static final long TELL_MILLIS = 100;

  private final long limit; // nanoseconds
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean cancelled; // by who waits for it
  private Stop asked = Stop.NEVER; // by the model's thread
  private long bestPrompt = Long.MAX_VALUE; // nanoseconds a token
  private long bestGenerated = Long.MAX_VALUE;
  private long compiled; // milliseconds that the compilers have worked

  public WarmUpTask() {
    this(MOST);
  }

  /**
   * A warm-up.
   *
   * @param most how long it may take
   */
  public WarmUpTask(Duration most) {
    limit = most.toNanos();
  }

  @Override
  public void run(StepRunner steps, Stop stop) {
    asked = stop;
    long started = System.nanoTime();
    try {
      int rounds = warmUp(steps, started);
      LOG.debug(
          "{} rounds of warm-up in {} ms{}",
          rounds,
          (System.nanoTime() - started) / 1_000_000,
          requested() ? ", ended by a request" : "");
    } finally {
      ended.countDown();
    }
  }

  private int warmUp(StepRunner steps, long started) {
    int after = 1 + FEW + 2 * GENERATED; // tokens that follow the longest chunk
    int most = Math.min(steps.limits().columns(), steps.limits().context() - after);
    int chunk = Math.min(FIRST_CHUNK, most);
    long gained = started;
    int rounds = 0;
    while (chunk > 0 && !requested()) {
      long begun = System.nanoTime();
      boolean faster = round(steps, chunk, new Random(rounds));
      rounds++;
      long now = System.nanoTime();
      boolean longer = now - begun < LONG_ROUND && chunk < most;
      if (longer) {
        chunk = Math.min(most, chunk * 2);
      }
      if (faster | longer | compilersWorked(now - begun)) {
        gained = now;
      }
      if (now - gained > QUIET || now - started > limit) {
        break;
      }
    }
    return rounds;
  }

  /** A prompt and its answer; returns whether they were computed faster than ever before. */
  private boolean round(StepRunner steps, int chunk, Random random) {
    int[] prompt = random.ints(chunk + FEW + 1, 0, steps.vocabulary()).toArray();
    try (Sequence sequence = steps.begin(prompt)) {
      // The longest first: code that was compiled for one column alone would be thrown away.
      long begun = System.nanoTime();
      if (!steps.step(sequence, chunk, 0, this) || !draft(steps, sequence, chunk, 0)) {
        return false;
      }
      long ofPrompt = (System.nanoTime() - begun) / chunk;
      if (!steps.step(sequence, FEW, 0, this)
          || !draft(steps, sequence, FEW, 0)
          || !together(steps, random)
          || !steps.step(sequence, 1, 1, this)) {
        return false;
      }
      long ofGenerated = generate(steps, sequence, prompt, random.nextBoolean());
      boolean faster =
          FASTER * ofPrompt < bestPrompt || !requested() && FASTER * ofGenerated < bestGenerated;
      bestPrompt = Math.min(bestPrompt, ofPrompt);
      bestGenerated = requested() ? bestGenerated : Math.min(bestGenerated, ofGenerated);
      return faster;
    }
  }

  /**
   * Generated tokens of several sequences in one step: one of most, as many as are guessed of one.
   */
  private boolean together(StepRunner steps, Random random) {
    int count = Math.min(steps.limits().sequences(), steps.limits().logitRows());
    List<Sequence> sequences = new ArrayList<>();
    try {
      steps.clear();
      for (int i = 0; i < count; i++) {
        Sequence sequence = steps.begin(new int[] {random.nextInt(steps.vocabulary())});
        sequences.add(sequence);
        int tokens = i == 0 ? Math.min(FEW, steps.limits().logitRows() - count + 1) : 1;
        tokens = Math.min(tokens, steps.limits().columns() - count + 1);
        if (sequence.reserve(1 + tokens)) {
          for (int token = 0; token < tokens; token++) {
            sequence.append(random.nextInt(steps.vocabulary()));
          }
          sequence.computedTo(1); // as if: it reads what its page has held, or nothing
          steps.add(sequence, tokens, tokens);
        }
      }
      return steps.columns() == 0 || steps.run(this);
    } finally {
      sequences.forEach(Sequence::close);
    }
  }

  /** Runs the draft head, where there is one, over what the model has computed last. */
  private boolean draft(StepRunner steps, Sequence sequence, int count, int logitRows) {
    int from = sequence.computed() - count;
    return steps.draft().isEmpty()
        || steps.draft().get().follow(sequence, from, count, logitRows, steps.hidden(0), this);
  }

  private long generate(StepRunner steps, Sequence sequence, int[] prompt, boolean greedy) {
    SamplingParameters sampling =
        greedy ? SamplingParameters.greedy() : SamplingParameters.reasoning(0);
    Sampler sampler =
        new Sampler(sampling, steps.vocabulary(), Arrays.stream(prompt).boxed().toList());
    float[] logits = new float[steps.vocabulary()];
    boolean guesses = steps.draft().isPresent() && steps.draft().get().mostGuesses() > 0;
    int count = 1; // tokens of the step before
    long begun = System.nanoTime();
    for (int i = 0; i < GENERATED; i++) {
      sequence.append(sampler.next(steps.logits(count - 1), sequence.length()).id());
      if (!draft(steps, sequence, count, 1)) {
        break;
      }
      count = 1;
      if (guesses && i % 2 == 1) {
        steps.draft().get().logits(logits);
        sequence.append(sampler.guess(logits, sequence.length()));
        count = 2;
      }
      if (!steps.step(sequence, count, count, this)) {
        break;
      }
    }
    return (System.nanoTime() - begun) / GENERATED;
  }

  /** Whether the compilers did more than a trickle since the last call, so long ago. */
  private boolean compilersWorked(long nanos) {
    Optional<CompilationMXBean> compilers =
        Optional.ofNullable(ManagementFactory.getCompilationMXBean())
            .filter(CompilationMXBean::isCompilationTimeMonitoringSupported);
    long before = compiled;
    compiled = compilers.map(CompilationMXBean::getTotalCompilationTime).orElse(0L);
    return (compiled - before) * 1e6 > TRICKLE * nanos;
  }

  /** Waits until it is over; an interrupt ends it. */
  public void await(String model, Progress progress) {
    String work = "warming up " + model;
    long total = limit / 1_000_000;
    try {
      for (long millis = 0;
          !ended.await(TELL_MILLIS, TimeUnit.MILLISECONDS);
          millis += TELL_MILLIS) {
        progress.update(work, Math.min(millis, total - 1), total);
      }
    } catch (InterruptedException e) {
      cancelled = true;
      Thread.currentThread().interrupt();
    }
    progress.update(work, total, total);
  }

  @Override
  public void fail(RuntimeException cause) {
    LOG.debug("no warm-up", cause);
    ended.countDown();
  }

  @Override
  public boolean requested() {
    return cancelled || asked.requested();
  }
}
