package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.ModelStatistics;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Speculation;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A request's tokens and their probabilities are equal to the bit, whether it runs alone or among
 * others, however its prompt is cut, over pages that were computed for others, when it was
 * preempted, with tokens guessed ahead, and with kernels in machine code or in Java.
 */
class SameBitsTest {
  private static final int CONTEXT = 256;
  private static final int TOGETHER = 9;
  private static final int GENERATED = 24;

  private final Host host = new FlatHost();

  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of("qwen2_tied/f32", "q8"),
        Arguments.of("llama_rope3/bf16", "f32"),
        Arguments.of("dsv3_tiny/f32", "f32"),
        Arguments.of("dsv3_tiny/bf16", "q8"),
        Arguments.of("dsv3_fp8/fp8", "q8"),
        Arguments.of("smollm2", "q8"),
        Arguments.of("smollm2", "f32"));
  }

  private LoadedModel load(
      String model, String activations, Speculation speculation, Map<String, String> options) {
    Map<String, String> all = new HashMap<>(options);
    all.put(HostKernelsProvider.ACTIVATIONS, activations);
    String path =
        model.contains("/")
            ? References.folder().resolve("models").resolve(model).toString()
            : References.model("smollm2/SmolLM2-135M-Instruct-Q4_1.gguf").toString();
    return host.engine()
        .load(
            new LoadRequest(path, Optional.of("vector"), 2, CONTEXT, all)
                .withSpeculation(Optional.of(speculation)),
            Progress.NONE);
  }

  private record Told(List<GeneratedToken> tokens, Usage usage) {}

  private static Told listen(Generation generation) throws InterruptedException {
    List<GeneratedToken> tokens = new ArrayList<>();
    Usage usage = null;
    try (generation) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        switch (event) {
          case GenerationEvent.Text text -> tokens.addAll(text.tokens());
          case GenerationEvent.Finished finished -> usage = finished.usage();
          default -> {}
        }
      }
    }
    return new Told(tokens, usage);
  }

  /** Prompts that begin alike in groups, some longer than a page, some that repeat themselves. */
  private static List<GenerationRequest> requests(int vocabulary) {
    Random random = new Random(19);
    int[] beginning = random.ints(150, 0, vocabulary).toArray();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < TOGETHER; i++) {
      int[] prompt = Arrays.copyOf(beginning, 1 + random.nextInt(beginning.length));
      for (int at = prompt.length * (i % 3) / 3; i % 3 > 0 && at < prompt.length; at++) {
        prompt[at] = at < 12 || i % 2 == 0 ? random.nextInt(vocabulary) : prompt[at - 12];
      }
      requests.add(request(prompt, GENERATED, i));
    }
    requests.add(requests.getFirst()); // the whole prompt of another one
    return requests;
  }

  /** A few that need three pages each in the end, and one at first. */
  private static List<GenerationRequest> growing(int vocabulary) {
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      requests.add(request(new Random(i).ints(40, 0, vocabulary).toArray(), 120, i));
    }
    return requests;
  }

  private static GenerationRequest request(int[] prompt, int generated, int number) {
    SamplingParameters sampling =
        number % 2 == 0 ? SamplingParameters.greedy() : SamplingParameters.reasoning(number);
    return new GenerationRequest(
        Arrays.stream(prompt).boxed().toList(),
        generated,
        sampling.withLogprobs(SamplingParameters.MAX_LOGPROBS),
        List.of(),
        true,
        Map.of());
  }

  @ParameterizedTest
  @MethodSource("models")
  void aloneAndInEveryCompany(String model, String activations) throws Exception {
    List<GenerationRequest> requests;
    List<GenerationRequest> growing;
    List<List<GeneratedToken>> alone;
    List<List<GeneratedToken>> grown;
    try (LoadedModel one =
        load(
            model,
            activations,
            Speculation.OFF,
            Map.of(LoadRequest.SEQUENCES, "1", LoadRequest.PREFIX_CACHE, "off"))) {
      requests = requests(one.info().vocabulary());
      growing = growing(one.info().vocabulary());
      alone = together(one, requests);
      grown = together(one, growing);
    }
    Map<String, String> many = Map.of(LoadRequest.SEQUENCES, "" + TOGETHER);
    try (LoadedModel shared = load(model, activations, Speculation.AUTO, many)) {
      assertEquals(alone, together(shared, requests));
      assertEquals(alone, together(shared, requests));
      ModelStatistics told = shared.statistics();
      assertTrue(told.cachedTokens() > 500, "tokens from the cache: " + told.cachedTokens());
      assertEquals(0, told.pages().held());
      System.out.printf(
          "%s %s: %d tokens of prompts from the cache, %d of %d guesses right%n",
          model, activations, told.cachedTokens(), told.accepted(), told.drafted());
    }
    Map<String, String> java = new HashMap<>(many);
    java.put("machine-code", "off");
    try (LoadedModel plain = load(model, activations, Speculation.OFF, java)) {
      assertEquals(alone, together(plain, requests));
    }
    Map<String, String> narrow = new HashMap<>(many);
    narrow.put(LoadRequest.KV_MEMORY, oneContext(model, activations) + "");
    try (LoadedModel tight = load(model, activations, Speculation.LOOKUP, narrow)) {
      assertEquals(grown, together(tight, growing));
      assertTrue(tight.statistics().preemptions() > 0, "nobody was preempted");
    }
  }

  private long oneContext(String model, String activations) {
    try (LoadedModel one =
        load(model, activations, Speculation.OFF, Map.of(LoadRequest.SEQUENCES, "1"))) {
      return one.plan().pageBytes() * one.plan().limits().pages();
    }
  }

  private static List<List<GeneratedToken>> together(
      LoadedModel model, List<GenerationRequest> requests) throws InterruptedException {
    List<Generation> generations = new ArrayList<>();
    requests.forEach(request -> generations.add(model.generate(request)));
    List<List<GeneratedToken>> tokens = new ArrayList<>();
    for (Generation generation : generations) {
      tokens.add(listen(generation).tokens());
    }
    return tokens;
  }
}
