package dev.burhan.kernel.engine;

import dev.burhan.engine.LoadedModel.LogitSink;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;

/**
 * Logits at every position of a text: the model's thread computes a chunk while the caller looks at
 * the one before.
 */
final class ScoreTask implements Task {
  private final int[] tokens;
  private final SynchronousQueue<Result> results = new SynchronousQueue<>();
  private volatile boolean cancelled;

  /** A chunk's rows, or a failure. */
  private record Result(int firstPosition, float[][] rows, Optional<RuntimeException> failure) {}

  ScoreTask(int[] tokens) {
    this.tokens = tokens.clone();
  }

  @Override
  public void run(StepRunner steps) {
    int chunk = Math.min(steps.limits().logitRows(), steps.limits().columns());
    try (Sequence sequence = steps.begin(tokens)) {
      while (sequence.computed() < tokens.length && !cancelled) {
        int first = sequence.computed();
        int count = Math.min(chunk, tokens.length - first);
        if (steps.step(sequence, count, count, this)) {
          float[][] rows = new float[count][steps.vocabulary()];
          for (int row = 0; row < count; row++) {
            steps.logits(row, rows[row]);
          }
          give(new Result(first, rows, Optional.empty()));
        }
      }
    }
  }

  @Override
  public void fail(RuntimeException cause) {
    give(new Result(0, new float[0][], Optional.of(cause)));
  }

  /** Hands a result over, unless the caller has gone. */
  private void give(Result result) {
    try {
      while (!cancelled
          && !results.offer(result, 100, java.util.concurrent.TimeUnit.MILLISECONDS)) {
        // the caller still looks at the last chunk
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes all rows on the caller's thread. */
  void drain(LogitSink sink) throws InterruptedException {
    try {
      for (int next = 0; next < tokens.length; ) {
        Result result = results.take();
        if (result.failure().isPresent()) {
          throw result.failure().get();
        }
        for (int row = 0; row < result.rows().length; row++) {
          sink.accept(result.firstPosition() + row, result.rows()[row]);
        }
        next = result.firstPosition() + result.rows().length;
      }
    } finally {
      cancelled = true;
    }
  }

  @Override
  public boolean requested() {
    return cancelled;
  }

  @Override
  public void cancel() {
    cancelled = true;
  }
}
