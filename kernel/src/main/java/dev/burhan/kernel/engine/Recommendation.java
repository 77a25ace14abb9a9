package dev.burhan.kernel.engine;

import dev.burhan.checkpoint.Metadata;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.kernel.reasoning.ReasoningSplitter;
import dev.burhan.text.ChatFormat;
import java.util.Optional;

/**
 * How a model's makers want it to be sampled: generation_config.json (metadata keys {@code
 * generation_config.*}), GGUF's {@code general.sampling.*}, else DeepSeek's settings for models
 * that think, else the likeliest token.
 */
final class Recommendation {
  private Recommendation() {}

  static SamplingParameters of(Metadata metadata, Optional<ChatFormat> chatFormat, long seed) {
    SamplingParameters parameters =
        chatFormat.filter(format -> format.template().contains(ReasoningSplitter.CLOSE)).isPresent()
            ? SamplingParameters.reasoning(seed)
            : SamplingParameters.greedy().withSeed(seed);
    if (metadata.has("generation_config.do_sample")
        && !metadata.bool("generation_config.do_sample", true)) {
      return SamplingParameters.greedy().withSeed(seed);
    }
    for (String prefix : new String[] {"general.sampling.", "generation_config."}) {
      String temperature = prefix + (prefix.startsWith("general") ? "temp" : "temperature");
      if (metadata.has(temperature)) {
        parameters = parameters.withTemperature(metadata.real(temperature));
      }
      if (metadata.has(prefix + "top_p")) {
        parameters = parameters.withTopP(metadata.real(prefix + "top_p"));
      }
      if (metadata.has(prefix + "top_k")) {
        parameters = parameters.withTopK(metadata.integer(prefix + "top_k", 0, Integer.MAX_VALUE));
      }
      if (metadata.has(prefix + "min_p")) {
        parameters = parameters.withMinP(metadata.real(prefix + "min_p"));
      }
    }
    if (metadata.has("generation_config.repetition_penalty")) {
      parameters =
          parameters.withPenalties(metadata.real("generation_config.repetition_penalty"), 0, 0);
    }
    return parameters;
  }
}
