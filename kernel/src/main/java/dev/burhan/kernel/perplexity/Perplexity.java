package dev.burhan.kernel.perplexity;

import dev.burhan.engine.LoadedModel;
import dev.burhan.provider.Progress;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Perplexity as llama.cpp's llama-perplexity computes it, so that the numbers can be compared: the
 * text is cut into whole windows of {@code context} tokens, the rest is left out; each window is
 * run by itself, its first token replaced by the begin-of-text token if the tokenizer adds one;
 * scored are the predictions at positions {@code context / 2} to {@code context - 2}, which have at
 * least half a window before them. The result is {@code exp} of the mean negative logarithm of the
 * right tokens' probabilities.
 */
final class Perplexity {
  private final LoadedModel model;
  private final int context;
  private final OptionalInt begin;
  private final boolean generated;
  private long scored;
  private double sum; // of negative log-probabilities
  private double squares;

  /**
   * A computation.
   *
   * @param context tokens a window, at least 2
   * @param begin the token that a window begins with, if the tokenizer adds one
   * @param generated whether the scored half is run token by token, as if it had been generated:
   *     backends may compute those tokens in another way than a prompt's
   */
  Perplexity(LoadedModel model, int context, OptionalInt begin, boolean generated) {
    this.model = model;
    this.context = context;
    this.begin = begin;
    this.generated = generated;
  }

  /**
   * What came out.
   *
   * @param perplexity exp of the mean
   * @param standardError of the perplexity: its value times the standard error of the mean
   * @param tokens how many were scored
   * @param meanNegativeLogProbability nats a token
   */
  record Result(
      double perplexity, double standardError, long tokens, double meanNegativeLogProbability) {}

  /** Runs so many windows from the start of the text. */
  Result run(int[] text, int windows, Progress progress) throws InterruptedException {
    int first = context / 2;
    String what = "perplexity of " + model.name();
    for (int window = 0; window < windows; window++) {
      progress.update(what, (long) window * context, (long) windows * context);
      int[] tokens = Arrays.copyOfRange(text, window * context, (window + 1) * context);
      int[] right = tokens.clone();
      begin.ifPresent(token -> tokens[0] = token);
      LoadedModel.LogitSink sink =
          (position, logits) -> {
            if (position >= first && position < context - 1) {
              add(negativeLogProbability(logits, right[position + 1]));
            }
          };
      if (generated) {
        model.score(tokens, first, sink);
      } else {
        model.scoreFrom(tokens, first, sink);
      }
    }
    progress.update(what, (long) windows * context, (long) windows * context);
    return result();
  }

  private void add(double negative) {
    scored++;
    sum += negative;
    squares += negative * negative;
  }

  private Result result() {
    double mean = sum / scored;
    double variance = Math.max(0, squares / scored - mean * mean);
    double perplexity = Math.exp(mean);
    double errorOfMean = scored > 1 ? Math.sqrt(variance / (scored - 1)) : Double.NaN;
    return new Result(perplexity, perplexity * errorOfMean, scored, mean);
  }

  /** {@code -log softmax(logits)[token]}, in double precision. */
  static double negativeLogProbability(float[] logits, int token) {
    float max = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    return Math.log(sum) - (logits[token] - max);
  }
}
