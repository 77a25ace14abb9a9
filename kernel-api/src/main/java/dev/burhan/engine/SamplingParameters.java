package dev.burhan.engine;

import dev.burhan.provider.UsageException;
import java.util.Map;

/**
 * How the next token is chosen. Applied in this order: penalties, logit bias, temperature, top-k,
 * top-p, min-p, draw.
 *
 * @param temperature 0 takes the likeliest token; else logits are divided by it
 * @param topK keeps the k likeliest; 0 keeps all
 * @param topP keeps the fewest of the likeliest whose probabilities reach p (Holtzman et al. 2020);
 *     1 keeps all
 * @param minP keeps those at least so likely as minP times the likeliest; 0 keeps all
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens seen in prompt
 *     or answer (Keskar et al. 2019); 1 is none
 * @param presencePenalty taken off the logits of tokens that the answer has; 0 is none
 * @param frequencyPenalty taken off for each time that the answer has the token; 0 is none
 * @param logitBias added to logits by token id
 * @param logprobs how many likeliest tokens are reported with each token; -1 reports none, 0 only
 *     the token itself
 * @param seed random numbers are a function of (seed, position): one seed, one text
 */
public record SamplingParameters(
    double temperature,
    int topK,
    double topP,
    double minP,
    double repetitionPenalty,
    double presencePenalty,
    double frequencyPenalty,
    Map<Integer, Double> logitBias,
    int logprobs,
    long seed) {

  /** Most alternatives that can be reported with a token. */
  public static final int MAX_LOGPROBS = 64;

  public SamplingParameters {
    logitBias = Map.copyOf(logitBias);
    check("temperature", temperature, 0, 100);
    check("top_p", topP, 0, 1);
    check("min_p", minP, 0, 1);
    check("repetition_penalty", repetitionPenalty, 1e-3, 1e3);
    check("presence_penalty", presencePenalty, -100, 100);
    check("frequency_penalty", frequencyPenalty, -100, 100);
    check("top_k", topK, 0, Integer.MAX_VALUE);
    check("logprobs", logprobs, -1, MAX_LOGPROBS);
    logitBias.forEach((token, bias) -> check("logit_bias of token " + token, bias, -1e4, 1e4));
  }

  private static void check(String name, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new UsageException(
          name + " should be from " + plain(min) + " to " + plain(max) + ", found " + plain(value));
    }
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** The likeliest token each time. */
  public static SamplingParameters greedy() {
    return new SamplingParameters(0, 0, 1, 0, 1, 0, 0, Map.of(), -1, 0);
  }

  /** What DeepSeek recommends for R1 and its distills: temperature 0.6, top-p 0.95. */
  public static SamplingParameters reasoning(long seed) {
    return new SamplingParameters(0.6, 0, 0.95, 0, 1, 0, 0, Map.of(), -1, seed);
  }

  public SamplingParameters withTemperature(double value) {
    return new SamplingParameters(
        value,
        topK,
        topP,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        logprobs,
        seed);
  }

  public SamplingParameters withTopK(int value) {
    return new SamplingParameters(
        temperature,
        value,
        topP,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        logprobs,
        seed);
  }

  public SamplingParameters withTopP(double value) {
    return new SamplingParameters(
        temperature,
        topK,
        value,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        logprobs,
        seed);
  }

  public SamplingParameters withMinP(double value) {
    return new SamplingParameters(
        temperature,
        topK,
        topP,
        value,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        logprobs,
        seed);
  }

  public SamplingParameters withPenalties(double repetition, double presence, double frequency) {
    return new SamplingParameters(
        temperature, topK, topP, minP, repetition, presence, frequency, logitBias, logprobs, seed);
  }

  public SamplingParameters withLogitBias(Map<Integer, Double> value) {
    return new SamplingParameters(
        temperature,
        topK,
        topP,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        value,
        logprobs,
        seed);
  }

  public SamplingParameters withLogprobs(int value) {
    return new SamplingParameters(
        temperature,
        topK,
        topP,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        value,
        seed);
  }

  public SamplingParameters withSeed(long value) {
    return new SamplingParameters(
        temperature,
        topK,
        topP,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        logprobs,
        value);
  }
}
