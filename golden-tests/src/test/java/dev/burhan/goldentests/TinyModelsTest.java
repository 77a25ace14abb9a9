package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.backendtck.Deviation;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tiny random models through the engine, against transformers in float32; on every backend without
 * one it is the conformance suite that compares all of them. Tolerances are those that the
 * references' own README gives; it measured the mistakes that they catch.
 */
class TinyModelsTest {
  private static final double MAX_ABS = 3e-4;
  private static final double MEAN_ABS = 3e-5;
  private static final int PROMPTS = 4;

  private final Host host = new FlatHost();

  @ParameterizedTest
  @CsvSource({
    "qwen2_untied/bf16, oracle", "llama_tied/f32, vector", "qwen2_tied/f32, blas",
    "llama_rope3/bf16, blas+oracle", "dsv3_tiny/f32, vector", "dsv3_fp8/fp8, vector"
  })
  void logitsAndGreedyContinuationsEqualTheReference(String model, String backend)
      throws Exception {
    Path folder = References.folder().resolve("models").resolve(model);
    try (References references = new References(host, folder.resolve("golden.safetensors"));
        LoadedModel loaded =
            host.engine()
                .load(
                    new LoadRequest(
                        folder.toString(),
                        Optional.of(backend),
                        2,
                        0,
                        Map.of(HostKernelsProvider.ACTIVATIONS, "f32")),
                    Progress.NONE)) {
      for (int prompt = 0; prompt < PROMPTS; prompt++) {
        String name = "prompt" + prompt;
        int[] ids = references.ids(name + ".ids");
        float[][] expected = references.rows(name + ".logits");
        Deviation deviation = new Deviation(model + " " + name + " " + backend);
        loaded.score(
            ids, (position, logits) -> deviation.logits(position, expected[position], logits));
        deviation.within(MAX_ABS, MEAN_ABS);
        assertArrayEquals(references.ids(name + ".greedy_ids"), greedy(loaded, ids, 32), name);
      }
    }
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
