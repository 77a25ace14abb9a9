package dev.burhan.kernel.sampling;

import dev.burhan.engine.GenerationEvent.Alternative;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.SamplingParameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses the tokens of one sequence. What it chooses is a function of the logits, the parameters,
 * the tokens so far and the position: the same request gives the same text, whatever runs beside
 * it.
 */
public final class Sampler {
  private final SamplingParameters parameters;
  private final Set<Integer> seen = new HashSet<>();
  private final Map<Integer, Integer> generated = new HashMap<>();
  private final Candidates candidates = new Candidates();
  private final Peaks peaks = new Peaks();

  /**
   * Begins a sequence.
   *
   * @param vocabulary number of logits
   * @param prompt its tokens count for the repetition penalty
   */
  public Sampler(SamplingParameters parameters, int vocabulary, List<Integer> prompt) {
    this.parameters = parameters;
    if (parameters.repetitionPenalty() != 1) {
      seen.addAll(prompt);
    }
  }

  /**
   * Chooses the next token.
   *
   * @param logits (vocabulary); changed by penalties and biases
   * @param position the position that the token will have, which with the seed makes the random
   *     number
   */
  public GeneratedToken next(float[] logits, int position) {
    boolean report = parameters.logprobs() >= 0;
    double logSum = report ? logSum(logits) : Double.NaN;
    List<Alternative> alternatives = report ? likeliest(logits, logSum) : List.of();
    float[] untouched = report && changesLogits() ? logits.clone() : logits;
    penalise(logits);
    int token = choose(logits, position);
    given(token);
    return new GeneratedToken(
        token, report ? (float) (untouched[token] - logSum) : Float.NaN, alternatives);
  }

  /**
   * What {@link #next} would choose of these logits, without counting it as chosen: a guess by the
   * position's own random number agrees with the choice more often than the likeliest token does.
   *
   * @param logits (vocabulary); changed by penalties and biases
   */
  public int guess(float[] logits, int position) {
    penalise(logits);
    return choose(logits, position);
  }

  /** A token that nobody chose is the next one; it counts as generated. */
  public void given(int token) {
    if (parameters.repetitionPenalty() != 1) {
      seen.add(token);
    }
    if (parameters.presencePenalty() != 0 || parameters.frequencyPenalty() != 0) {
      generated.merge(token, 1, Integer::sum);
    }
  }

  /** {@link #logSumExp}, a little less exactly and much faster. */
  private double logSum(float[] logits) {
    peaks.read(logits);
    return Float.isFinite(peaks.max()) ? candidates.logSum(logits, peaks.max()) : logSumExp(logits);
  }

  private boolean changesLogits() {
    return parameters.repetitionPenalty() != 1
        || parameters.presencePenalty() != 0
        || parameters.frequencyPenalty() != 0
        || !parameters.logitBias().isEmpty();
  }

  private void penalise(float[] logits) {
    double repetition = parameters.repetitionPenalty();
    if (repetition != 1) {
      for (int token : seen) {
        logits[token] =
            (float) (logits[token] > 0 ? logits[token] / repetition : logits[token] * repetition);
      }
    }
    if (parameters.presencePenalty() != 0 || parameters.frequencyPenalty() != 0) {
      generated.forEach(
          (token, count) ->
              logits[token] -=
                  (float) (parameters.presencePenalty() + count * parameters.frequencyPenalty()));
    }
    parameters
        .logitBias()
        .forEach(
            (token, bias) -> {
              if (token >= 0 && token < logits.length) {
                logits[token] += bias.floatValue();
              }
            });
  }

  private int choose(float[] logits, int position) {
    if (parameters.temperature() == 0) {
      peaks.read(logits);
      return peaks.argmax(logits);
    }
    return candidates.choose(logits, parameters, uniform(parameters.seed(), position));
  }

  private List<Alternative> likeliest(float[] logits, double logSum) {
    List<Alternative> alternatives = new ArrayList<>(parameters.logprobs());
    for (int token : Candidates.best(logits, parameters.logprobs())) {
      alternatives.add(new Alternative(token, (float) (logits[token] - logSum)));
    }
    return alternatives;
  }

  /** The index of the largest number; the lowest of several. */
  public static int argmax(float[] numbers) {
    int best = 0;
    for (int i = 1; i < numbers.length; i++) {
      if (numbers[i] > numbers[best]) {
        best = i;
      }
    }
    return best;
  }

  /** log(sum(exp(x))), without overflow. */
  public static double logSumExp(float[] logits) {
    float max = logits[argmax(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    return max + Math.log(sum);
  }

  /**
   * A number in [0, 1) that depends on seed and position alone (SplitMix64, Steele et al. 2014).
   */
  static double uniform(long seed, int position) {
    long z = mix(seed) + 0x9E3779B97F4A7C15L * (position + 1L);
    return (mix(z) >>> 11) * 0x1p-53;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
