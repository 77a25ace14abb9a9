package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.engine.Exchange;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Speculation;
import dev.burhan.engine.WarmUp;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model's backend is exchanged while requests run. */
class ExchangeTest {
  private static final int RUNNING = 16;
  private static final int SWAPS = 4;
  private static final int GENERATED = 24;

  private final Host host = new FlatHost();

  private LoadedModel load(String model) {
    return host.engine()
        .load(
            new LoadRequest(
                    References.folder().resolve("models").resolve(model).toString(),
                    Optional.of("vector"),
                    2,
                    0,
                    Map.of(
                        HostKernelsProvider.ACTIVATIONS,
                        "f32",
                        LoadRequest.SEQUENCES,
                        "" + RUNNING))
                .withWarmUp(WarmUp.OFF)
                .withSpeculation(Optional.of(Speculation.AUTO)),
            Progress.NONE);
  }

  private static List<Integer> listen(Generation generation) throws InterruptedException {
    List<Integer> tokens = new ArrayList<>();
    try (generation) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        if (event instanceof GenerationEvent.Text text) {
          text.tokens().stream().map(GeneratedToken::id).forEach(tokens::add);
        }
      }
    }
    return tokens;
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2_tied/f32", "dsv3_tiny/f32"})
  void textsStayTheSameWhileBackendsComeAndGo(String model) throws Exception {
    Path folder = References.folder().resolve("models").resolve(model);
    try (References references = new References(host, folder.resolve("golden.safetensors"));
        LoadedModel loaded = load(model);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicBoolean enough = new AtomicBoolean();
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < RUNNING; i++) {
        int[] prompt = references.ids("prompt" + i % 4 + ".ids");
        int[] greedy = references.ids("prompt" + i % 4 + ".greedy_ids");
        List<Integer> expected = Arrays.stream(greedy).limit(GENERATED).boxed().toList();
        answers.add(callers.submit(() -> ask(loaded, prompt, expected, enough)));
      }
      int copied = 0;
      int recomputed = 0;
      for (int swap = 0; swap < SWAPS; swap++) {
        awaitRunning(loaded);
        String to = swap % 2 == 0 ? "oracle" : "vector";
        Exchange told = loaded.exchange(Optional.of(to), swap > 1);
        assertEquals(to, told.to());
        assertEquals(to, loaded.backend());
        copied += told.copied();
        recomputed += told.recomputed();
      }
      enough.set(true);
      int asked = 0;
      for (Future<Integer> answer : answers) {
        asked += answer.get();
      }
      System.out.printf(
          "%s: %d answers over %d swaps, %d texts copied, %d computed again%n",
          model, asked, SWAPS, copied, recomputed);
      assertTrue(copied > SWAPS && recomputed > SWAPS);
      assertEquals(0, loaded.statistics().failed());
      assertEquals(0, loaded.statistics().pages().held());
    }
  }

  private static int ask(
      LoadedModel model, int[] prompt, List<Integer> expected, AtomicBoolean enough)
      throws InterruptedException {
    int asked = 0;
    while (!enough.get()) {
      GenerationRequest request =
          new GenerationRequest(
              Arrays.stream(prompt).boxed().toList(),
              expected.size(),
              SamplingParameters.greedy(),
              List.of(),
              true,
              Map.of());
      assertEquals(expected, listen(model.generate(request)));
      asked++;
    }
    return asked;
  }

  /** Waits until at least half of them are being worked on. */
  private static void awaitRunning(LoadedModel model) {
    while (model.statistics().running() < RUNNING / 2) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatCantBeDoneLeavesTheModelAsItWas() throws Exception {
    try (LoadedModel loaded = load("qwen2_tied/f32")) {
      UsageException wrong =
          assertThrows(UsageException.class, () -> loaded.exchange(Optional.of("abacus"), false));
      assertTrue(wrong.getMessage().contains("abacus"), wrong.getMessage());
      assertEquals("vector", loaded.backend());
      GenerationRequest request =
          GenerationRequest.of(new int[] {1, 2}, 3, SamplingParameters.greedy());
      listen(loaded.generate(request));
    }
  }
}
