package dev.burhan.kernel.sampling;

import dev.burhan.engine.SamplingParameters;
import java.util.Arrays;

/**
 * Chooses among the tokens that temperature, top-k, top-p and min-p leave, applied in this order.
 * The choice is defined by {@link #all}, which weighs every token; what it costs, an exponential
 * for each, is spared where fewer tokens decide for certain. Sums that decide are of the same
 * numbers in the same order either way, so that the choice is the same.
 *
 * <p>The weight of the other tokens is bounded: one whose logit is d temperatures below the
 * greatest weighs e^-d of it at most, and {@link WeightSum} knows the sum of all to some digits.
 * Where the bounds leave the choice open, all are weighed.
 */
final class Candidates {
  /** Temperatures below the likeliest token that are looked at. */
  private static final double DEPTH = 16;

  /** Temperatures that a band of tokens spans, which are sorted together. */
  private static final double BAND = 2;

  /** More than any rounding of the exact sums, as a share. */
  private static final double ROUNDING = 1e-9;

  /** Most tokens that top-k finds by insertion. */
  private static final int FEW = 256;

  /** Most tokens that are weighed to bound the sum of all: more take longer than WeightSum. */
  private static final int SOME = 2048;

  /** Tokens that are looked at before room is made for more. */
  private static final int BLOCK = 1024;

  private final WeightSum all = new WeightSum();
  private final Peaks peaks = new Peaks();
  private int[] tokens = new int[BLOCK];
  private double[] weights = new double[BLOCK];
  private long[] keys = new long[64];
  private int count;

  private float max;
  private double temperature;

  /**
   * Chooses a token.
   *
   * @param logits (vocabulary)
   * @param uniform in [0, 1), which decides
   */
  int choose(float[] logits, SamplingParameters parameters, double uniform) {
    peaks.read(logits);
    if (!few(logits, parameters, uniform)) {
      all(logits, parameters);
    }
    return draw(uniform);
  }

  private void begin(float[] logits, SamplingParameters parameters) {
    temperature = parameters.temperature();
    max = logits[peaks.argmax(logits)];
  }

  /** Finds the tokens that may be drawn without weighing all; false if that can't be. */
  private boolean few(float[] logits, SamplingParameters parameters, double uniform) {
    begin(logits, parameters);
    if (!Float.isFinite(peaks.max())) {
      return false;
    }
    if (parameters.topK() > 0 && parameters.topK() < logits.length) {
      return parameters.topK() <= FEW && likeliest(logits, parameters);
    }
    if (parameters.topP() < 1) {
      return nucleus(logits, parameters);
    }
    return parameters.minP() > 0 ? above(logits, parameters.minP()) : one(logits, uniform);
  }

  private boolean likeliest(float[] logits, SamplingParameters parameters) {
    room(parameters.topK());
    count = best(logits, keys, parameters.topK());
    weigh(logits);
    cut(parameters, sum());
    return true;
  }

  /** The tokens of the keys, in their order. */
  private void weigh(float[] logits) {
    for (int i = 0; i < count; i++) {
      tokens[i] = (int) keys[i];
      weights[i] = weight(logits[tokens[i]]);
    }
  }

  private double weight(float logit) {
    return Math.exp((logit - max) / temperature);
  }

  private boolean nucleus(float[] logits, SamplingParameters parameters) {
    double p = parameters.topP();
    float floor = (float) (max - temperature * DEPTH);
    list(logits, floor);
    if (count <= SOME) {
      weighTokens(logits);
      double sum = sum();
      double rest = (logits.length - count) * weight(floor);
      if (cutNucleus(logits, p * sum * (1 - ROUNDING), p * (sum + rest) * (1 + ROUNDING))) {
        cutBelow(parameters.minP());
        return true;
      }
    }
    double clipped = all.of(logits, max, temperature);
    double sum = clipped + aboveClipped(logits);
    double off = clipped * WeightSum.ERROR + WeightSum.SMALLEST + sum * ROUNDING;
    if (cutNucleus(logits, p * (sum - off), p * (sum + off))) {
      cutBelow(parameters.minP());
      return true;
    }
    return false;
  }

  /** How much more the likeliest tokens weigh than {@link WeightSum} has them; they are listed. */
  private double aboveClipped(float[] logits) {
    float least = (float) (max - temperature * WeightSum.DEPTH);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      float logit = logits[tokens[i]];
      if (logit >= least) {
        sum += weight(logit) - WeightSum.CLIPPED;
      }
    }
    return sum;
  }

  /** log(sum(exp(logit))), within {@link WeightSum#ERROR} times the share of unlikely tokens. */
  double logSum(float[] logits, float greatest) {
    max = greatest;
    temperature = 1;
    list(logits, max - WeightSum.DEPTH);
    return max + Math.log(all.of(logits, max, 1) + aboveClipped(logits));
  }

  private void collect(float[] logits, float least) {
    list(logits, least);
    weighTokens(logits);
  }

  private void weighTokens(float[] logits) {
    for (int i = 0; i < count; i++) {
      weights[i] = weight(logits[tokens[i]]);
    }
  }

  private void list(float[] logits, float least) {
    list(logits, least, logits.length);
  }

  /**
   * Lists the tokens whose logits are at least so large, in ascending order; false if there are
   * more than {@code most}, once that is seen.
   */
  private boolean list(float[] logits, float least, int most) {
    count = 0;
    for (int first = 0; first < logits.length && count <= most; first += BLOCK) {
      int end = Math.min(first + BLOCK, logits.length);
      room(count + end - first);
      count = list(logits, first, end, least, tokens, count);
    }
    return count <= most;
  }

  private static int list(float[] logits, int first, int end, float least, int[] to, int count) {
    int at = count;
    for (int token = first; token < end; token++) {
      if (logits[token] >= least) {
        to[at++] = token;
      }
    }
    return at;
  }

  private void room(int wanted) {
    if (tokens.length < wanted) {
      int size = Math.max(wanted, 2 * tokens.length);
      tokens = Arrays.copyOf(tokens, size);
      weights = Arrays.copyOf(weights, size);
    }
    if (keys.length < wanted) {
      keys = Arrays.copyOf(keys, tokens.length);
    }
  }

  /**
   * Cuts the nucleus out of the tokens that were collected: sorts bands of them, likeliest first,
   * until their weights reach the wanted sum, of which only bounds are known. False if these don't
   * say where that is.
   */
  private boolean cutNucleus(float[] logits, double least, double most) {
    float from = Float.POSITIVE_INFINITY;
    int sorted = 0;
    double sum = 0;
    for (double band = BAND; sorted < count; band += BAND) {
      float to = band < DEPTH ? (float) (max - temperature * band) : Float.NEGATIVE_INFINITY;
      int end = sortBand(logits, from, to, sorted);
      for (int i = sorted; i < end; i++) {
        sum += weight(logits[(int) keys[i]]);
        if (sum >= least) {
          if (sum < most) {
            return false;
          }
          count = i + 1;
          weigh(logits);
          return true;
        }
      }
      sorted = end;
      from = to;
    }
    return false;
  }

  /** Sorts the tokens with logits in {@code [to, from)} behind those that are; returns the end. */
  private int sortBand(float[] logits, float from, float to, int sorted) {
    int end = sorted;
    for (int i = 0; i < count; i++) {
      float logit = logits[tokens[i]];
      if (logit >= to && logit < from) {
        keys[end++] = key(logit, tokens[i]);
      }
    }
    Arrays.sort(keys, sorted, end);
    return end;
  }

  private boolean above(float[] logits, double minP) {
    double bound = max + temperature * Math.log(minP) * (1 + 1e-6) - 1e-3; // a little too low
    collect(logits, Math.nextDown((float) bound));
    cutBelow(minP);
    return true;
  }

  /**
   * The one token that the number decides for, if the tokens that are not weighed can't change
   * that.
   */
  private boolean one(float[] logits, double uniform) {
    float floor = (float) (max - temperature * DEPTH);
    if (!list(logits, floor, SOME)) {
      return false;
    }
    weighTokens(logits);
    double sum = sum();
    double rest = (logits.length - count) * weight(floor);
    double least = uniform * sum - sum * ROUNDING - rest;
    double most = uniform * (sum + rest) + sum * ROUNDING;
    double reached = 0;
    for (int i = 0; i < count && reached <= least; i++) {
      reached += weights[i];
      if (reached > most) {
        tokens[0] = tokens[i];
        weights[0] = weights[i];
        count = 1;
        return true;
      }
    }
    return false;
  }

  /** Weighs every token: what the choice is by definition. */
  private void all(float[] logits, SamplingParameters parameters) {
    begin(logits, parameters);
    room(logits.length);
    count = logits.length;
    for (int token = 0; token < count; token++) {
      tokens[token] = token;
      weights[token] = weight(logits[token]);
    }
    double sum = sum();
    if (parameters.topK() > 0 && parameters.topK() < count) {
      sort(logits, 0);
      count = Math.min(count, parameters.topK());
      sum = sum(); // top-p is a share of what top-k left
    } else if (parameters.topP() < 1) {
      // All tokens below this together are less likely than 1 - p.
      sort(logits, (1 - parameters.topP()) * sum / count);
    }
    cut(parameters, sum);
  }

  private void cut(SamplingParameters parameters, double sum) {
    if (parameters.topP() < 1) {
      cutNucleus(parameters.topP() * sum);
    }
    cutBelow(parameters.minP());
  }

  /** Keeps the fewest tokens whose weights reach a sum. */
  private void cutNucleus(double wanted) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weights[i];
      if (sum >= wanted) {
        count = i + 1;
        return;
      }
    }
  }

  /** Keeps tokens of at least this weight, likeliest first, lower ids first among equals. */
  private void sort(float[] logits, double least) {
    int kept = 0;
    for (int token = 0; token < count; token++) {
      if (weights[token] >= least) {
        keys[kept++] = key(logits[token], token);
      }
    }
    Arrays.sort(keys, 0, kept);
    count = kept;
    weigh(logits);
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
      sum += weights[i];
    }
    return sum;
  }

  /** Keeps tokens of at least this weight; the likeliest one's is 1. */
  private void cutBelow(double least) {
    if (least <= 0) {
      return;
    }
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (weights[i] >= least) {
        tokens[kept] = tokens[i];
        weights[kept++] = weights[i];
      }
    }
    count = kept;
  }

  private int draw(double uniform) {
    double left = uniform * sum();
    for (int i = 0; i < count - 1; i++) {
      left -= weights[i];
      if (left < 0) {
        return tokens[i];
      }
    }
    return tokens[count - 1];
  }

  /**
   * The indices of the {@code n} largest numbers, largest first, lower indices first among equals.
   */
  static int[] best(float[] numbers, int n) {
    long[] keys = new long[Math.min(n, numbers.length)];
    int count = best(numbers, keys, keys.length);
    int[] best = new int[count];
    for (int i = 0; i < count; i++) {
      best[i] = (int) keys[i];
    }
    return best;
  }

  /** Writes the keys of the {@code n} largest numbers, in order, and returns how many there are. */
  private static int best(float[] numbers, long[] keys, int n) {
    int kept = 0;
    float least = Float.NEGATIVE_INFINITY; // what a number must be above to be kept
    for (int token = 0; token < numbers.length && n > 0; token++) {
      if (kept == n && numbers[token] < least) {
        continue;
      }
      kept = insert(key(numbers[token], token), keys, kept, n);
      least = numbers[(int) keys[kept - 1]];
    }
    return kept;
  }

  private static int insert(long key, long[] keys, int kept, int most) {
    if (kept == most && key >= keys[kept - 1]) {
      return kept;
    }
    int at = kept < most ? kept : kept - 1;
    for (; at > 0 && keys[at - 1] > key; at--) {
      keys[at] = keys[at - 1];
    }
    keys[at] = key;
    return kept < most ? kept + 1 : kept;
  }
}
