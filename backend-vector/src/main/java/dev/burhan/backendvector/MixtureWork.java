package dev.burhan.backendvector;

/** What routers and experts keep in a worker thread's scratch; grows to the largest asked for. */
final class MixtureWork {
  /** Scores of columns, and scratch behind them. */
  float[] scores = new float[0];

  /** (top): what one column chose. */
  int[] chosen = new int[0];

  float[] weights = new float[0];

  /** F32 (cols): a sum over ranks. */
  float[] total = new float[0];

  /** F32 (cols): one expert's output. */
  float[] output = new float[0];

  void route(int numbers, int top) {
    if (scores.length < numbers) {
      scores = new float[numbers];
    }
    if (chosen.length < top) {
      chosen = new int[top];
      weights = new float[top];
    }
  }

  void sum(int numbers) {
    if (total.length < numbers) {
      total = new float[numbers];
      output = new float[numbers];
    }
  }
}
