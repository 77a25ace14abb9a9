package dev.burhan.kernel.scheduler;

import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.LoadedModel.LogitSink;
import dev.burhan.engine.Service;
import dev.burhan.provider.BurhanException;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Logits at every position of a text: the model's thread computes a chunk while the caller looks at
 * the one before.
 */
public final class ScoreTask extends Request {
  /** Chunks that may be computed before the caller has looked at them. */
  private static final int AHEAD = 2;

  private final int[] tokens;
  private final int promptLength;
  private final int from;
  private final LinkedBlockingQueue<Result> results = new LinkedBlockingQueue<>();
  private final AtomicInteger unseen = new AtomicInteger();
  private final Times times = new Times(System.nanoTime());
  private int given; // of the model's thread: logits of positions below it are with the caller

  /** A chunk's rows, or a failure. */
  private record Result(int firstPosition, float[][] rows, Optional<RuntimeException> failure) {}

  /**
   * Scores a text.
   *
   * @param promptLength how many of the tokens are a prompt's; the others are run one by one, as if
   *     they had been generated
   * @param from the first position whose logits are wanted, within the prompt
   */
  public ScoreTask(int[] tokens, int promptLength, int from) {
    super(Service.DEFAULT);
    this.tokens = tokens.clone();
    this.promptLength = promptLength;
    this.from = from;
  }

  @Override
  int[] tokens() {
    return tokens;
  }

  @Override
  int promptLength() {
    return promptLength;
  }

  /** Logits are wanted of what others would leave out. */
  @Override
  Optional<PrefixKeys> shared(Optional<PrefixKeys> sharing) {
    return Optional.empty();
  }

  @Override
  boolean ready() {
    return unseen.get() < AHEAD;
  }

  @Override
  void admitted(StepRunner steps) {
    if (sequence().computed() == 0 && preemptions() == 0) {
      times.started(System.nanoTime());
    }
  }

  /** The first position whose logits were not given yet. */
  private int next() {
    return Math.max(from, given);
  }

  @Override
  int count(int budget, int logitRows) {
    int first = sequence().computed();
    if (first < next()) {
      return Math.min(budget, next() - first); // without logits: it was not asked for or is known
    }
    return first < promptLength ? Math.min(Math.min(budget, logitRows), promptLength - first) : 1;
  }

  @Override
  int wanted(int count) {
    return sequence().computed() < next() ? 0 : count;
  }

  @Override
  Optional<FinishReason> computed(StepRunner steps, int count, int column, int row) {
    int end = sequence().computed();
    int first = end - count;
    if (first >= next()) {
      float[][] rows = new float[count][steps.vocabulary()];
      for (int i = 0; i < count; i++) {
        steps.logits(row + i, rows[i]);
      }
      given = end;
      unseen.incrementAndGet();
      results.add(new Result(first, rows, Optional.empty()));
    }
    return end == tokens.length ? Optional.of(FinishReason.STOP) : Optional.empty();
  }

  @Override
  Usage usage() {
    return new Usage(tokens.length, 0, 0);
  }

  @Override
  Times times() {
    return times;
  }

  @Override
  void ended(FinishReason reason) {
    times.end(System.nanoTime());
    if (reason != FinishReason.STOP) {
      fail(new BurhanException("the model was closed while it scored a text"));
    }
  }

  @Override
  void fail(RuntimeException cause) {
    times.end(System.nanoTime());
    results.add(new Result(0, new float[0][], Optional.of(cause)));
  }

  /** Takes all rows on the caller's thread. */
  public void drain(LogitSink sink) throws InterruptedException {
    try {
      for (int next = from; next < tokens.length; ) {
        Result result = results.take();
        if (result.failure().isPresent()) {
          throw result.failure().get();
        }
        for (int row = 0; row < result.rows().length; row++) {
          sink.accept(result.firstPosition() + row, result.rows()[row]);
        }
        next = result.firstPosition() + result.rows().length;
        unseen.decrementAndGet();
        wake();
      }
    } finally {
      cancel();
    }
  }
}
