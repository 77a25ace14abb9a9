package dev.burhan.kernel.engine;

import dev.burhan.engine.LoadedModel.LogitSink;
import dev.burhan.provider.BurhanException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * Logits at every position of a text: the model's thread computes a chunk while the caller looks at
 * the one before.
 */
final class ScoreTask implements Task {
  /** Chunks that may be computed before the caller has looked at them. */
  private static final int AHEAD = 2;

  private final int[] tokens;
  private final int promptLength;
  private final int from;
  private final LinkedBlockingQueue<Result> results = new LinkedBlockingQueue<>();
  private final Semaphore room = new Semaphore(AHEAD);
  private volatile boolean cancelled;

  /** A chunk's rows, or a failure. */
  private record Result(int firstPosition, float[][] rows, Optional<RuntimeException> failure) {}

  /**
   * Scores a text.
   *
   * @param promptLength how many of the tokens are a prompt's; the others are run one by one, as if
   *     they had been generated
   * @param from the first position whose logits are wanted, within the prompt
   */
  ScoreTask(int[] tokens, int promptLength, int from) {
    this.tokens = tokens.clone();
    this.promptLength = promptLength;
    this.from = from;
  }

  @Override
  public void run(StepRunner steps) {
    int chunk = Math.min(steps.limits().logitRows(), steps.limits().columns());
    try (Sequence sequence = steps.begin(Arrays.copyOf(tokens, promptLength))) {
      for (int position = promptLength; position < tokens.length; position++) {
        sequence.append(tokens[position]);
      }
      skip(steps, sequence);
      while (sequence.computed() >= from && sequence.computed() < tokens.length && awaitRoom()) {
        int first = sequence.computed();
        int count = first < promptLength ? Math.min(chunk, promptLength - first) : 1;
        if (!steps.step(sequence, count, count, this)) {
          break;
        }
        float[][] rows = new float[count][steps.vocabulary()];
        for (int row = 0; row < count; row++) {
          steps.logits(row, rows[row]);
        }
        results.add(new Result(first, rows, Optional.empty()));
      }
      if (sequence.computed() < tokens.length) {
        fail(new BurhanException("the model was closed while it scored a text"));
      }
    }
  }

  /** Computes what comes before the first wanted position. */
  private void skip(StepRunner steps, Sequence sequence) {
    while (sequence.computed() < from) {
      int count = Math.min(steps.limits().columns(), from - sequence.computed());
      if (!steps.step(sequence, count, 0, this)) {
        return;
      }
    }
  }

  /** False if the work should end. */
  private boolean awaitRoom() {
    try {
      room.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return !cancelled;
  }

  @Override
  public void fail(RuntimeException cause) {
    results.add(new Result(0, new float[0][], Optional.of(cause)));
  }

  /** Takes all rows on the caller's thread. */
  void drain(LogitSink sink) throws InterruptedException {
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
        room.release();
      }
    } finally {
      cancel();
    }
  }

  @Override
  public boolean requested() {
    return cancelled;
  }

  @Override
  public void cancel() {
    cancelled = true;
    room.release();
  }
}
