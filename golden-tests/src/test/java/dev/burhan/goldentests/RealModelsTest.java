package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.sampling.Sampler;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two real, quantised models against a float32 forward of exactly the weights that their files
 * store: with F32 activations nearly equal, with 8-bit activations close in distribution.
 */
class RealModelsTest {
  private static final double LOGPROB_TOLERANCE = 2e-3;
  private static final double CLEAR_GAP = 0.01;
  private static final double MEAN_KL = 0.01;
  private static final double SAME_BEST = 0.97;
  private static final int TEXTS = 6;

  private static final Map<String, String> FILES =
      Map.of(
          "smollm2-135m-q4_1", "smollm2/SmolLM2-135M-Instruct-Q4_1.gguf",
          "qwen2.5-coder-0.5b-q4_k_m",
              "qwen2.5-coder-0.5b/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf");

  private final Host host = new FlatHost();

  private LoadedModel load(String model, String backend, String activations) {
    return host.engine()
        .load(
            new LoadRequest(
                References.model(FILES.get(model)).toString(),
                Optional.of(backend),
                0,
                2048,
                Map.of(HostKernelsProvider.ACTIVATIONS, activations)),
            Progress.NONE);
  }

  private References references(String model) throws Exception {
    return new References(
        host, References.folder().resolve("real").resolve(model + ".safetensors"));
  }

  /** How far a model is from its reference. */
  private static final class Distance {
    private double largestLogprob;
    private double klSum;
    private int positions;
    private int sameBest;
    private int clearlyOther;

    void add(int[] topIds, float[] topLogprobs, float[] logits) {
      double logSum = Sampler.logSumExp(logits);
      double kl = 0;
      for (int i = 0; i < topIds.length; i++) {
        double found = logits[topIds[i]] - logSum;
        largestLogprob = Math.max(largestLogprob, Math.abs(found - topLogprobs[i]));
        kl += Math.exp(topLogprobs[i]) * (topLogprobs[i] - found);
      }
      klSum += kl;
      positions++;
      if (Sampler.argmax(logits) == topIds[0]) {
        sameBest++;
      } else if (topLogprobs[0] - topLogprobs[1] > CLEAR_GAP) {
        clearlyOther++;
      }
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%d positions: largest |logprob| difference %.2e, mean KL %.2e, same best token %.2f %%, other although clear %d",
          positions,
          largestLogprob,
          klSum / positions,
          100.0 * sameBest / positions,
          clearlyOther);
    }
  }

  /** How a text is run: as a prompt, or token by token as if it had been generated. */
  private enum As {
    PROMPT,
    GENERATED
  }

  private Distance measure(
      String model, LoadedModel loaded, References references, int texts, As as) throws Exception {
    Distance distance = new Distance();
    for (int text = 0; text < texts; text++) {
      String name = "text" + text;
      int[] topIds = references.ids(name + ".top_ids");
      float[][] topLogprobs = references.rows(name + ".top_logprobs");
      int best = topLogprobs[0].length;
      int[] ids = references.ids(name + ".ids");
      loaded.score(
          ids,
          as == As.PROMPT ? ids.length : 1,
          (position, logits) ->
              distance.add(
                  java.util.Arrays.copyOfRange(topIds, position * best, (position + 1) * best),
                  topLogprobs[position],
                  logits));
    }
    System.out.println(
        model + " on " + loaded.plan().numerics().id() + ", as " + as + ": " + distance);
    return distance;
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm2-135m-q4_1", "qwen2.5-coder-0.5b-q4_k_m"})
  void floatActivationsGiveTheReferencesProbabilities(String model) throws Exception {
    try (References references = references(model);
        LoadedModel loaded = load(model, "vector", "f32")) {
      nearlyEqual(measure(model, loaded, references, TEXTS, As.PROMPT));
      nearlyEqual(measure(model, loaded, references, 2, As.GENERATED));
    }
  }

  private static void nearlyEqual(Distance distance) {
    assertTrue(distance.largestLogprob <= LOGPROB_TOLERANCE, distance.toString());
    assertEquals(0, distance.clearlyOther, distance.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm2-135m-q4_1", "qwen2.5-coder-0.5b-q4_k_m"})
  void eightBitActivationsStayClose(String model) throws Exception {
    try (References references = references(model);
        LoadedModel loaded = load(model, "vector", "q8")) {
      for (As as : As.values()) {
        Distance distance = measure(model, loaded, references, TEXTS, as);
        assertTrue(distance.klSum / distance.positions < MEAN_KL, distance.toString());
        assertTrue(distance.sameBest >= SAME_BEST * distance.positions, distance.toString());
      }
    }
  }

  @Test
  void theOracleGivesTheReferencesProbabilities() throws Exception {
    String model = "smollm2-135m-q4_1";
    try (References references = references(model);
        LoadedModel loaded = load(model, "oracle", "f32")) {
      nearlyEqual(measure(model, loaded, references, 1, As.PROMPT));
    }
  }
}
