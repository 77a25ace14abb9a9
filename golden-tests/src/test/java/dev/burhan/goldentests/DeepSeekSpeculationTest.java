package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Speculation;
import dev.burhan.graph.Graph;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.sampling.Sampler;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts of the tiny DeepSeek models whose MTP layer guesses, and of the same ones without. */
class DeepSeekSpeculationTest {
  private static final int PROMPTS = 4;
  private static final int LONG = 60;
  private static final int OF_FP8 = 20; // on the oracle each costs a quarter of a second

  private final Host host = new FlatHost();

  static Stream<Arguments> everywhere() {
    return Stream.of(
        Arguments.of("dsv3_tiny/f32", "oracle", Map.of("mla", "auto")),
        Arguments.of("dsv3_tiny/f32", "oracle", Map.of("mla", "absorbed")),
        Arguments.of("dsv3_fp8/fp8", "oracle", Map.of("mla", "auto")),
        Arguments.of("dsv3_tiny/f32", "vector", Map.of("activations", "f32")),
        Arguments.of("dsv3_tiny/bf16", "vector", Map.of("activations", "f32")),
        Arguments.of("dsv3_fp8/fp8", "vector", Map.of("activations", "f32")));
  }

  private static Path folder(String model) {
    return References.folder().resolve("models").resolve(model);
  }

  private LoadedModel load(
      String model, String backend, Map<String, String> options, Speculation how) {
    return host.engine()
        .load(
            new LoadRequest(folder(model).toString(), Optional.of(backend), 2, 0, options)
                .withSpeculation(Optional.of(how)),
            Progress.NONE);
  }

  /** Tokens with all that was told of them, and how many were guessed. */
  private record Answer(List<GeneratedToken> tokens, Usage usage) {
    int[] ids() {
      return tokens.stream().mapToInt(GeneratedToken::id).toArray();
    }
  }

  private static Answer answer(
      LoadedModel model, int[] prompt, int count, SamplingParameters sampling)
      throws InterruptedException {
    List<GeneratedToken> tokens = new ArrayList<>();
    Usage usage = null;
    GenerationRequest request =
        new GenerationRequest(
            Arrays.stream(prompt).boxed().toList(), count, sampling, List.of(), true, Map.of());
    try (Generation generation = model.generate(request)) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        if (event instanceof GenerationEvent.Text text) {
          tokens.addAll(text.tokens());
        } else if (event instanceof GenerationEvent.Finished finished) {
          usage = finished.usage();
        }
      }
    }
    return new Answer(tokens, usage);
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void textsAndTheirProbabilitiesAreEqualToTheBit(
      String model, String backend, Map<String, String> options) throws Exception {
    Steps.requireKernels(host, folder(model), backend, options);
    boolean slow = model.endsWith("fp8") && backend.equals("oracle");
    int count = slow ? OF_FP8 : LONG;
    SamplingParameters greedy = SamplingParameters.greedy().withLogprobs(5);
    SamplingParameters drawn = SamplingParameters.reasoning(7).withLogprobs(5);
    try (References references = new References(host, folder(model).resolve("golden.safetensors"));
        LoadedModel plain = load(model, backend, options, Speculation.OFF);
        LoadedModel one = load(model, backend, options, Speculation.mtp(1));
        LoadedModel three = load(model, backend, options, Speculation.mtp(3))) {
      int drafted = 0;
      int accepted = 0;
      for (int prompt = 0; prompt < (slow ? 1 : PROMPTS); prompt++) {
        int[] ids = references.ids("prompt" + prompt + ".ids");
        int[] reference = references.ids("prompt" + prompt + ".greedy_ids");
        for (SamplingParameters sampling : List.of(greedy, drawn)) {
          Answer expected = answer(plain, ids, count, sampling);
          for (LoadedModel speculating : List.of(one, three)) {
            Answer found = answer(speculating, ids, count, sampling);
            assertEquals(expected.tokens(), found.tokens(), "prompt" + prompt);
            drafted += found.usage().drafted();
            accepted += found.usage().accepted();
          }
          if (sampling.temperature() == 0) {
            int both = Math.min(count, reference.length);
            assertArrayEquals(Arrays.copyOf(reference, both), Arrays.copyOf(expected.ids(), both));
          }
        }
      }
      System.out.printf(
          "%s on %s%s: %d of %d guesses accepted%n", model, backend, options, accepted, drafted);
      assertTrue(drafted > count, drafted + " drafted");
    }
  }

  /** The draft graph run apart over the whole text says which guesses must have been right. */
  @Test
  void asManyGuessesAreAcceptedAsTheDraftGraphGetsRight() throws Exception {
    String model = "dsv3_tiny/f32";
    Map<String, String> options = Map.of("mla", "absorbed"); // one form for prompt and answer
    int[] ids = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    Answer answer;
    try (LoadedModel loaded = load(model, "oracle", options, Speculation.mtp(1))) {
      answer = answer(loaded, ids, LONG, SamplingParameters.greedy());
    }
    int[] text = Arrays.copyOf(ids, ids.length + LONG);
    System.arraycopy(answer.ids(), 0, text, ids.length, LONG);
    float[][] guesses;
    try (Steps steps = new Steps(host, folder(model), "oracle", options)) {
      float[][] hidden =
          steps.run(steps.model().graph(), text, Map.of(), Map.of()).rows(Graph.HIDDEN);
      guesses =
          steps
              .run(
                  steps.model().draft().orElseThrow(),
                  Arrays.copyOfRange(text, 1, text.length),
                  Map.of(),
                  Map.of(Graph.HIDDEN, Arrays.copyOf(hidden, text.length - 1)))
              .rows(Graph.LOGITS);
    }
    int drafted = 0;
    int accepted = 0;
    for (int position = ids.length + 1; position < text.length - 1; position++) {
      drafted++;
      if (Sampler.argmax(guesses[position - 2]) == text[position]) {
        accepted++;
        position++; // the same step gave the token after it too
      }
    }
    assertEquals(new Usage(ids.length, 0, LONG, drafted, accepted), answer.usage());
  }

  @Test
  void aModelWithoutMtpLayerIsRefusedWhereOneIsDemanded() {
    UsageException error =
        assertThrows(
            UsageException.class,
            () -> load("dsv3_noqlora/f32", "oracle", Map.of(), Speculation.mtp(1)));
    assertTrue(error.getMessage().contains("no MTP layer"), error.getMessage());
    load("dsv3_noqlora/f32", "oracle", Map.of(), Speculation.AUTO).close();
  }
}
