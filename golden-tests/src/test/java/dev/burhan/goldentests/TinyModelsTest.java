package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.sampling.Sampler;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tiny random models in the published checkpoints' layout, on every backend, against transformers
 * in float32. Tolerances are those that the references' own README gives; it measured the mistakes
 * that they catch.
 */
class TinyModelsTest {
  private static final double MAX_ABS = 3e-4;
  private static final double MEAN_ABS = 3e-5;
  private static final int PROMPTS = 4;

  @TempDir Path scratch;
  private final Host host = new FlatHost();

  @ParameterizedTest
  @CsvSource({
    "qwen2_tied/f32, oracle", "qwen2_untied/f32, oracle", "qwen2_untied/bf16, oracle",
    "llama_tied/f32, oracle", "llama_rope3/f32, oracle", "llama_rope3/bf16, oracle",
    "qwen2_tied/f32, vector", "qwen2_untied/f32, vector", "qwen2_untied/bf16, vector",
    "llama_tied/f32, vector", "llama_rope3/f32, vector", "llama_rope3/bf16, vector",
    "qwen2_tied/f32, blas", "qwen2_untied/f32, blas", "qwen2_untied/bf16, blas",
    "llama_tied/f32, blas", "llama_rope3/f32, blas", "llama_rope3/bf16, blas",
    "llama_rope3/bf16, blas+oracle"
  })
  void logitsAndGreedyContinuationsEqualTheReference(String model, String backend)
      throws Exception {
    Path folder = References.folder().resolve("models").resolve(model);
    try (References references =
            new References(host, folder.resolve("golden.safetensors"), scratch.resolve("golden"));
        LoadedModel loaded =
            host.engine()
                .load(
                    new LoadRequest(folder.toString(), Optional.of(backend), 2, 0, Map.of()),
                    Progress.NONE)) {
      for (int prompt = 0; prompt < PROMPTS; prompt++) {
        String name = "prompt" + prompt;
        int[] ids = references.ids(name + ".ids");
        compare(name, references.rows(name + ".logits"), logits(loaded, ids));
        assertArrayEquals(references.ids(name + ".greedy_ids"), greedy(loaded, ids, 32), name);
      }
    }
  }

  private static List<float[]> logits(LoadedModel model, int[] ids) throws InterruptedException {
    List<float[]> rows = new ArrayList<>();
    model.score(ids, (position, logits) -> rows.add(logits.clone()));
    return rows;
  }

  private static void compare(String prompt, float[][] expected, List<float[]> found) {
    assertEquals(expected.length, found.size(), prompt);
    double max = 0;
    double sum = 0;
    long count = 0;
    for (int position = 0; position < expected.length; position++) {
      float[] want = expected[position];
      float[] have = found.get(position);
      assertEquals(want.length, have.length, prompt);
      assertEquals(
          Sampler.argmax(want), Sampler.argmax(have), prompt + ", best token at " + position);
      for (int i = 0; i < want.length; i++) {
        double difference = Math.abs(want[i] - have[i]);
        max = Math.max(max, difference);
        sum += difference;
        count++;
      }
    }
    assertTrue(max <= MAX_ABS, prompt + ": largest difference " + max);
    assertTrue(sum / count <= MEAN_ABS, prompt + ": mean difference " + sum / count);
  }

  static int[] greedy(LoadedModel model, int[] ids, int count) throws InterruptedException {
    GenerationRequest request =
        new GenerationRequest(
            Arrays.stream(ids).boxed().toList(),
            count,
            SamplingParameters.greedy(),
            List.of(),
            true,
            Map.of());
    List<Integer> tokens = new ArrayList<>();
    try (Generation generation = model.generate(request)) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        if (event instanceof GenerationEvent.Text text) {
          text.tokens().forEach(token -> tokens.add(token.id()));
        }
      }
    }
    return tokens.stream().mapToInt(i -> i).toArray();
  }
}
