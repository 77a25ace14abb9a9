package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.checkpoint.Metadata;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecommendationTest {
  private static Optional<ChatFormat> template(String text) {
    return Optional.of(
        new ChatFormat() {
          @Override
          public String template() {
            return text;
          }

          @Override
          public String render(ChatPrompt prompt) {
            return text;
          }
        });
  }

  private static SamplingParameters recommended(Map<String, Object> metadata, String template) {
    return Recommendation.of(new Metadata("test", metadata), template(template), 7);
  }

  @Test
  void theMakersSettingsGoFirst() {
    SamplingParameters parameters =
        recommended(
            Map.of(
                "generation_config.temperature", 0.7,
                "generation_config.top_p", 0.8,
                "generation_config.top_k", 20L,
                "generation_config.repetition_penalty", 1.1),
            "{{ '</think>' }}");
    assertEquals(0.7, parameters.temperature());
    assertEquals(0.8, parameters.topP());
    assertEquals(20, parameters.topK());
    assertEquals(1.1, parameters.repetitionPenalty());
    assertEquals(7, parameters.seed());
  }

  @Test
  void ggufSettingsAreRead() {
    SamplingParameters parameters =
        recommended(Map.of("general.sampling.temp", 0.5, "general.sampling.top_p", 0.9), "plain");
    assertEquals(0.5, parameters.temperature());
    assertEquals(0.9, parameters.topP());
  }

  @Test
  void aModelThatThinksGetsDeepSeeksSettings() {
    assertEquals(SamplingParameters.reasoning(7), recommended(Map.of(), "x</think>y"));
  }

  @Test
  void otherwiseTheLikeliestTokenIsTaken() {
    assertEquals(0, recommended(Map.of(), "plain").temperature());
    assertEquals(
        0, recommended(Map.of("generation_config.do_sample", false), "x</think>").temperature());
  }
}
