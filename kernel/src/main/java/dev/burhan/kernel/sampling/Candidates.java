package dev.burhan.kernel.sampling;

import dev.burhan.engine.SamplingParameters;
import java.util.Arrays;

/**
 * The tokens that may be drawn, with their probabilities. Sorted only as far as needed: a nucleus
 * of p can't hold a token less likely than (1 - p) / vocabulary, since all such tokens together are
 * less likely than 1 - p.
 */
final class Candidates {
  private final int[] tokens;
  private final double[] probabilities;
  private int count;

  Candidates(int vocabulary) {
    tokens = new int[vocabulary];
    probabilities = new double[vocabulary];
  }

  /** Applies temperature, top-k, top-p and min-p, in this order. */
  void fill(float[] logits, SamplingParameters parameters) {
    float max = logits[Sampler.argmax(logits)];
    double sum = 0;
    for (int token = 0; token < logits.length; token++) {
      tokens[token] = token;
      probabilities[token] = Math.exp((logits[token] - max) / parameters.temperature());
      sum += probabilities[token];
    }
    count = logits.length;
    boolean topK = parameters.topK() > 0 && parameters.topK() < count;
    boolean topP = parameters.topP() < 1;
    if (topK || topP) {
      double floor = topP && !topK ? (1 - parameters.topP()) * sum / count : 0;
      sort(logits, floor);
      if (topK) {
        count = Math.min(count, parameters.topK());
        sum = sum(); // top-p is a share of what top-k left
      }
      if (topP) {
        cutNucleus(parameters.topP() * sum);
      }
    }
    if (parameters.minP() > 0) {
      cutBelow(parameters.minP()); // the likeliest token has 1 here
    }
  }

  /** Keeps tokens of at least {@code floor}, likeliest first, lower ids first among equals. */
  private void sort(float[] logits, double floor) {
    long[] keys = new long[count];
    int kept = 0;
    for (int token = 0; token < count; token++) {
      if (probabilities[token] >= floor) {
        keys[kept++] = key(logits[token], token);
      }
    }
    Arrays.sort(keys, 0, kept);
    double[] unsorted = Arrays.copyOf(probabilities, count);
    for (int i = 0; i < kept; i++) {
      tokens[i] = (int) keys[i];
      probabilities[i] = unsorted[tokens[i]];
    }
    count = kept;
  }

  /** Ascending keys are descending logits, then ascending tokens. */
  private static long key(float logit, int token) {
    int bits = Float.floatToIntBits(logit);
    int ascending = bits >= 0 ? bits : bits ^ 0x7fffffff; // as a signed integer
    return (long) ~ascending << 32 | token;
  }

  private double sum() {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += probabilities[i];
    }
    return sum;
  }

  private void cutNucleus(double wanted) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += probabilities[i];
      if (sum >= wanted) {
        count = i + 1;
        return;
      }
    }
  }

  private void cutBelow(double least) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (probabilities[i] >= least) {
        tokens[kept] = tokens[i];
        probabilities[kept++] = probabilities[i];
      }
    }
    count = kept;
  }

  /**
   * Draws a token.
   *
   * @param uniform in [0, 1)
   */
  int draw(double uniform) {
    double left = uniform * sum();
    for (int i = 0; i < count - 1; i++) {
      left -= probabilities[i];
      if (left < 0) {
        return tokens[i];
      }
    }
    return tokens[count - 1];
  }

  /**
   * The indices of the {@code n} largest numbers, largest first, lower indices first among equals.
   */
  static int[] best(float[] logits, int n) {
    long[] keys = new long[Math.min(n, logits.length)];
    int kept = 0;
    for (int token = 0; token < logits.length && keys.length > 0; token++) {
      long key = key(logits[token], token);
      if (kept == keys.length && key >= keys[kept - 1]) {
        continue;
      }
      int at = kept < keys.length ? kept++ : kept - 1;
      for (; at > 0 && keys[at - 1] > key; at--) {
        keys[at] = keys[at - 1];
      }
      keys[at] = key;
    }
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }
}
