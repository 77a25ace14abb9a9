package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Speculation;
import dev.burhan.policy.ContentPolicy;
import dev.burhan.policy.PolicyRequest;
import dev.burhan.policy.PolicySession;
import dev.burhan.policy.Verdict;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpeculationTest {
  private static final IntPredicate NEVER = token -> false;
  private static final IntPredicate AFTER_THIRDS = token -> token % 3 == 0;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void makeFile() throws Exception {
    file = Files.createFile(folder.resolve("scripted.model"));
  }

  private ScriptedModel letters() {
    return new ScriptedModel(file, "abcdefghijklmnopqrstuvwxyz.".split(""));
  }

  private LoadedModel load(ScriptedModel model, Speculation how, Provider... others) {
    LoadRequest request = new LoadRequest(file.toString(), Optional.of("oracle"), 1, 0, Map.of());
    return model
        .host(others)
        .engine()
        .load(request.withSpeculation(Optional.of(how)), Progress.NONE);
  }

  private static GenerationRequest request(
      int maxTokens, SamplingParameters sampling, boolean ignoreEnd, int... prompt) {
    return new GenerationRequest(
        IntStream.of(prompt).boxed().toList(), maxTokens, sampling, List.of(), ignoreEnd, Map.of());
  }

  private static GenerationRequest greedy(int maxTokens, int... prompt) {
    return request(maxTokens, SamplingParameters.greedy(), false, prompt);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void theGreedyTextIsTheSame(int guesses) throws Exception {
    try (LoadedModel plain = load(letters(), Speculation.OFF);
        LoadedModel model = load(letters().drafting(AFTER_THIRDS), Speculation.mtp(guesses))) {
      for (int length : new int[] {1, 2, 63, 64, 65, 255, 256, 257, 398, 399}) {
        int[] prompt = IntStream.range(0, length).map(i -> i * 7 % 27).toArray();
        GenerationRequest request =
            request(1000, SamplingParameters.greedy().withLogprobs(3), true, prompt);
        Spoken.Counted with = Spoken.listen(model.generate(request));
        assertEquals(Spoken.listen(plain.generate(request)).spoken(), with.spoken());
        assertEquals(ScriptedModel.CONTEXT - length, with.usage().generated());
        assertEquals(length < 398, with.usage().drafted() > 0, "prompt of " + length);
      }
    }
  }

  @Test
  void oneSeedGivesTheSameTokensWithWhateverParameters() throws Exception {
    Random random = new Random(5);
    try (LoadedModel plain = load(letters(), Speculation.OFF);
        LoadedModel one = load(letters().drafting(AFTER_THIRDS), Speculation.mtp(1));
        LoadedModel four = load(letters().drafting(AFTER_THIRDS), Speculation.mtp(4))) {
      int accepted = 0;
      int refused = 0;
      for (int round = 0; round < 60; round++) {
        SamplingParameters sampling =
            new SamplingParameters(
                random.nextDouble() * 2,
                random.nextInt(3) * 5,
                0.7 + 0.3 * random.nextDouble(),
                random.nextInt(2) * 0.05,
                1 + random.nextInt(2) * 0.3,
                random.nextInt(2) * 0.5,
                random.nextInt(2) * 0.25,
                Map.of(random.nextInt(13), 2.0, 13 + random.nextInt(13), -2.0),
                random.nextInt(4) - 1,
                random.nextLong());
        int[] prompt = random.ints(1 + random.nextInt(9), 0, 27).toArray();
        GenerationRequest request = request(50, sampling, random.nextBoolean(), prompt);
        Spoken expected = Spoken.listen(plain.generate(request)).spoken();
        assertEquals(expected, Spoken.listen(one.generate(request)).spoken(), "of " + sampling);
        Spoken.Counted ofFour = Spoken.listen(four.generate(request));
        assertEquals(expected, ofFour.spoken(), "of " + sampling);
        accepted += ofFour.usage().accepted();
        refused += ofFour.usage().drafted() - ofFour.usage().accepted();
      }
      assertTrue(accepted > 100 && refused > 100, accepted + " accepted, " + refused + " refused");
    }
  }

  @Test
  void rightGuessesGiveSeveralTokensAStep() throws Exception {
    try (LoadedModel one = load(letters().drafting(NEVER), Speculation.mtp(1));
        LoadedModel three = load(letters().drafting(NEVER), Speculation.mtp(3))) {
      // The prompt's step gives one token, the others two, or four.
      assertEquals(new Usage(1, 0, 9, 4, 4), usage(one, greedy(9, 0)));
      assertEquals(new Usage(1, 0, 10, 4, 4), usage(one, greedy(10, 0))); // the last one is plain
      assertEquals(new Usage(1, 0, 9, 6, 6), usage(three, greedy(9, 0)));
      assertEquals(new Usage(3, 0, 9, 6, 6), usage(three, greedy(9, 4, 5, 6)));
    }
  }

  @Test
  void guessesAreRightOverManyPagesAndChunks() throws Exception {
    try (LoadedModel model = load(letters().drafting(NEVER), Speculation.mtp(2))) {
      int[] prompt = IntStream.range(0, 300).map(i -> i % 27).toArray();
      Usage usage = usage(model, request(91, SamplingParameters.greedy(), true, prompt));
      assertEquals(new Usage(300, 0, 91, 60, 60), usage);
    }
  }

  @Test
  void refusedGuessesAreCountedAndCostNoToken() throws Exception {
    try (LoadedModel never = load(letters().drafting(token -> true), Speculation.mtp(1));
        LoadedModel some = load(letters().drafting(AFTER_THIRDS), Speculation.mtp(1))) {
      assertEquals(new Usage(1, 0, 9, 7, 0), usage(never, greedy(9, 0)));
      // After b: c; after c: d; after d (3): wrong, and so on: rounds begin behind b, d, e, g, h.
      assertEquals(new Usage(1, 0, 9, 5, 3), usage(some, greedy(9, 0)));
    }
  }

  private static Usage usage(LoadedModel model, GenerationRequest request)
      throws InterruptedException {
    return Spoken.listen(model.generate(request)).usage();
  }

  @Test
  void endsAreFoundWithinAStep() throws Exception {
    try (LoadedModel model = load(letters().drafting(NEVER), Speculation.mtp(8))) {
      Spoken ended = Spoken.listen(model.generate(greedy(100, 0))).spoken();
      assertEquals("bcdefghijklmnopqrstuvwxyz", ended.answer());
      assertEquals(FinishReason.STOP, ended.reason());
      assertEquals(26, ended.answerTokens());
      GenerationRequest stops =
          new GenerationRequest(
              List.of(0), 100, SamplingParameters.greedy(), List.of("hij", "zz"), false, Map.of());
      Spoken stopped = Spoken.listen(model.generate(stops)).spoken();
      assertEquals("bcdefg", stopped.answer());
      assertEquals(FinishReason.STOP, stopped.reason());
      Spoken limited = Spoken.listen(model.generate(greedy(5, 0))).spoken();
      assertEquals("bcdef", limited.answer());
      assertEquals(FinishReason.LENGTH, limited.reason());
    }
  }

  @Test
  void thoughtAndAnswerWithinOneStepAreToldApart() throws Exception {
    ScriptedModel script =
        new ScriptedModel(
            file, "user", "<think>", "\n", "2+2", " is 4", "</think>", "\n\n", "It is 4.", "end");
    try (LoadedModel model = load(script.drafting(NEVER), Speculation.mtp(8))) {
      Spoken.Counted told = Spoken.listen(model.generate(greedy(100, 0)));
      assertEquals("2+2 is 4", told.spoken().thought());
      assertEquals("It is 4.", told.spoken().answer());
      assertEquals(5, told.spoken().reasoningTokens());
      assertEquals(3, told.spoken().answerTokens());
      assertTrue(told.usage().accepted() >= 6, told.usage().toString());
    }
  }

  /** Says no at the first q. */
  private record NoQ() implements ContentPolicy {
    @Override
    public String name() {
      return "no q";
    }

    @Override
    public PolicySession begin(PolicyRequest request) {
      return new PolicySession() {
        @Override
        public Verdict input() {
          return new Verdict.Pass(request.prompt());
        }

        @Override
        public Verdict output(Stage stage, String text, boolean last) {
          return text.contains("q")
              ? new Verdict.Block("no q", "[withheld]")
              : new Verdict.Pass(text);
        }

        @Override
        public void close() {}
      };
    }
  }

  @Test
  void aPolicyEndsTheAnswerAtItsToken() throws Exception {
    try (LoadedModel model = load(letters().drafting(NEVER), Speculation.mtp(8), new NoQ())) {
      Spoken blocked = Spoken.listen(model.generate(greedy(100, 0))).spoken();
      assertEquals("bcdefghijklmnop[withheld]", blocked.answer());
      assertEquals(FinishReason.BLOCKED, blocked.reason());
    }
  }

  @Test
  void pagesAreGivenBackHoweverGenerationsEnd() throws Exception {
    try (LoadedModel model = load(letters().drafting(AFTER_THIRDS), Speculation.mtp(3))) {
      GenerationRequest endless = request(1000, SamplingParameters.greedy(), true, 0);
      for (int round = 0; round < 4; round++) { // each takes all pages that there are
        try (Generation generation = model.generate(endless)) {
          while (!(generation.next() instanceof Text)) {}
          generation.cancel();
        }
        assertEquals(
            ScriptedModel.CONTEXT - 1, Spoken.listen(model.generate(endless)).usage().generated());
        assertEquals("bcd", Spoken.listen(model.generate(greedy(3, 0))).spoken().answer());
      }
    }
  }

  @Test
  void cancellingEndsItWithTheTokensSoFar() throws Exception {
    try (LoadedModel model = load(letters().drafting(NEVER), Speculation.mtp(3))) {
      Generation generation = model.generate(request(1000, SamplingParameters.greedy(), true, 0));
      while (!(generation.next() instanceof Text)) {}
      generation.cancel();
      Spoken rest = Spoken.listen(generation).spoken();
      assertTrue(
          rest.reason() == FinishReason.CANCELLED
              || rest.ids().size() == ScriptedModel.CONTEXT - 2); // it may have been quicker
    }
  }

  @Test
  void aModelWithoutAnMtpLayerIsRefusedOnlyWhereOneIsDemanded() throws Exception {
    UsageException error =
        assertThrows(UsageException.class, () -> load(letters(), Speculation.mtp(1)));
    assertTrue(error.getMessage().contains("no MTP layer"), error.getMessage());
    try (LoadedModel model = load(letters(), Speculation.AUTO)) {
      assertEquals(Optional.empty(), model.draftPlan());
      assertEquals(new Usage(1, 0, 3), usage(model, greedy(3, 0)));
    }
  }

  @Test
  void itsWordsAreReadAndOthersRefused() {
    for (Speculation how : List.of(Speculation.OFF, Speculation.AUTO, Speculation.mtp(8))) {
      assertEquals(how, Speculation.parse("it", how.toString()));
    }
    assertEquals(Speculation.mtp(1), Speculation.parse("it", " MTP "));
    for (String wrong : List.of("", "on", "mtp:", "mtp:0", "mtp:9", "mtp:11", "auto:2")) {
      assertThrows(UsageException.class, () -> Speculation.parse("it", wrong));
    }
    assertThrows(UsageException.class, () -> Speculation.mtp(0));
  }

  @Test
  void itIsSwitchedOffOrLeftToTheEngine() throws Exception {
    try (LoadedModel off = load(letters().drafting(NEVER), Speculation.OFF);
        LoadedModel auto = load(letters().drafting(NEVER), Speculation.AUTO)) {
      assertFalse(off.draftPlan().isPresent());
      assertEquals(0, usage(off, greedy(9, 0)).drafted());
      assertTrue(auto.draftPlan().isPresent());
      // Two of three of the first rounds try it out: behind the prompt's token 1 + 2 + 2 + 1 + 2.
      assertEquals(new Usage(1, 0, 9, 3, 3), usage(auto, greedy(9, 0)));
    }
  }

  @Test
  void aModelThatIsLoadedOrClosedWithDraftsFreesEverything() {
    ScriptedModel script = letters().drafting(NEVER);
    load(script, Speculation.mtp(1)).close();
    assertTrue(script.allClosed());
  }
}
