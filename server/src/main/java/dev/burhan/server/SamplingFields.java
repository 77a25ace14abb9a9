package dev.burhan.server;

import dev.burhan.engine.SamplingParameters;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The sampling parameters of a request; what is absent is as the model's makers recommend. Bounds
 * are OpenAI's where OpenAI has the parameter.
 */
record SamplingFields(
    OptionalDouble temperature,
    OptionalDouble topP,
    OptionalLong topK,
    OptionalDouble minP,
    OptionalDouble repetitionPenalty,
    OptionalDouble presencePenalty,
    OptionalDouble frequencyPenalty,
    Map<Integer, Double> logitBias,
    int logprobs,
    OptionalLong seed) {

  private static final int MAX_TOP_LOGPROBS = 20;

  static SamplingFields of(Fields body) {
    return new SamplingFields(
        body.number("temperature", 0, 2),
        body.number("top_p", 0, 1),
        body.integer("top_k", 0, Integer.MAX_VALUE),
        body.number("min_p", 0, 1),
        body.number("repetition_penalty", 0.01, 100),
        body.number("presence_penalty", -2, 2),
        body.number("frequency_penalty", -2, 2),
        logitBias(body),
        logprobs(body),
        body.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE));
  }

  private static Map<Integer, Double> logitBias(Fields body) {
    Map<Integer, Double> biases = new HashMap<>();
    body.object("logit_bias")
        .ifPresent(
            given -> {
              for (String token : given.names()) {
                biases.put(tokenId(given, token), bias(given, token));
              }
            });
    return Map.copyOf(biases);
  }

  private static int tokenId(Fields given, String token) {
    try {
      return Integer.parseUnsignedInt(token);
    } catch (NumberFormatException e) {
      throw ApiError.badValue(
          "logit_bias",
          "Invalid key in 'logit_bias': expected a token id, found '%s'.".formatted(token));
    }
  }

  private static double bias(Fields given, String token) {
    return given
        .number(token, -100, 100)
        .orElseThrow(() -> given.badType(token, "a number from -100 to 100"));
  }

  private static int logprobs(Fields body) {
    OptionalLong top = body.integer("top_logprobs", 0, MAX_TOP_LOGPROBS);
    if (body.flag("logprobs").orElse(false)) {
      return (int) top.orElse(0);
    }
    if (top.isPresent()) {
      throw ApiError.badValue("top_logprobs", "'top_logprobs' needs 'logprobs': true.");
    }
    return -1;
  }

  /** The model's recommendation with what was asked for put in. */
  SamplingParameters over(SamplingParameters recommended) {
    return recommended
        .withTemperature(temperature.orElse(recommended.temperature()))
        .withTopP(topP.orElse(recommended.topP()))
        .withTopK((int) topK.orElse(recommended.topK()))
        .withMinP(minP.orElse(recommended.minP()))
        .withPenalties(
            repetitionPenalty.orElse(recommended.repetitionPenalty()),
            presencePenalty.orElse(recommended.presencePenalty()),
            frequencyPenalty.orElse(recommended.frequencyPenalty()))
        .withLogitBias(logitBias)
        .withLogprobs(logprobs)
        .withSeed(seed.orElseGet(() -> ThreadLocalRandom.current().nextLong()));
  }
}
