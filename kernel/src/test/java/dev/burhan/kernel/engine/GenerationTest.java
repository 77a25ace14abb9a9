package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.policy.ContentPolicy;
import dev.burhan.policy.PolicyRequest;
import dev.burhan.policy.PolicySession;
import dev.burhan.policy.Verdict;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void makeFile() throws Exception {
    file = Files.createFile(folder.resolve("scripted.model"));
  }

  private ScriptedModel letters() {
    return new ScriptedModel(file, "abcdefghijklmnopqrstuvwxyz.".split(""));
  }

  private LoadedModel load(ScriptedModel model, Provider... others) {
    LoadRequest request = new LoadRequest(file.toString(), Optional.of("oracle"), 2, 0, Map.of());
    return model.host(others).engine().load(request, Progress.NONE);
  }

  private static GenerationRequest request(int maxTokens, int... prompt) {
    return GenerationRequest.of(prompt, maxTokens, SamplingParameters.greedy());
  }

  /** What a generation told. */
  private record Told(String thought, String answer, Finished finished, List<Integer> tokens) {}

  private static Told listen(Generation generation) throws InterruptedException {
    StringBuilder thought = new StringBuilder();
    StringBuilder answer = new StringBuilder();
    List<Integer> tokens = new ArrayList<>();
    assertTrue(generation.next() instanceof GenerationEvent.Started);
    while (true) {
      switch (generation.next()) {
        case Text text -> {
          (text.reasoning() ? thought : answer).append(text.text());
          text.tokens().forEach(token -> tokens.add(token.id()));
        }
        case Finished finished -> {
          assertNull(generation.next());
          return new Told(thought.toString(), answer.toString(), finished, tokens);
        }
        default -> throw new AssertionError("started twice");
      }
    }
  }

  @Test
  void anAnswerStreamsUntilTheModelEndsIt() throws Exception {
    try (LoadedModel model = load(letters())) {
      Told told = listen(model.generate(request(100, 0, 1, 2)));
      assertEquals("defghijklmnopqrstuvwxyz", told.answer());
      assertEquals(FinishReason.STOP, told.finished().reason());
      assertEquals(
          new GenerationEvent.Usage(3, 0, 24), told.finished().usage()); // the end token counts
      assertEquals(IntStream.range(3, 26).boxed().toList(), told.tokens());
    }
  }

  @Test
  void theTokenLimitEndsIt() throws Exception {
    try (LoadedModel model = load(letters())) {
      Told told = listen(model.generate(request(4, 0)));
      assertEquals("bcde", told.answer());
      assertEquals(FinishReason.LENGTH, told.finished().reason());
      assertEquals(4, told.finished().usage().generated());
    }
  }

  @Test
  void theContextEndsItAndManyPagesAreUsedAndGivenBack() throws Exception {
    try (LoadedModel model = load(letters())) {
      for (int round = 0; round < 3; round++) {
        GenerationRequest endless =
            new GenerationRequest(
                List.of(0), 10_000, SamplingParameters.greedy(), List.of(), true, Map.of());
        Told told = listen(model.generate(endless));
        assertEquals(FinishReason.LENGTH, told.finished().reason());
        assertEquals(ScriptedModel.CONTEXT - 1, told.tokens().size());
      }
    }
  }

  @Test
  void thoughtIsToldApartAndCounted() throws Exception {
    ScriptedModel script =
        new ScriptedModel(
            file,
            "user",
            "<think>",
            "\n",
            "2+2",
            " is 4",
            "</think>",
            "\n\n",
            "It is ",
            "4",
            ".",
            "end");
    try (LoadedModel model = load(script)) {
      Told told = listen(model.generate(request(100, 0)));
      assertEquals("2+2 is 4", told.thought());
      assertEquals("It is 4.", told.answer());
      assertEquals(new GenerationEvent.Usage(1, 5, 5), told.finished().usage());
    }
  }

  @Test
  void aPromptThatOpensTheThoughtStartsWithinIt() throws Exception {
    ScriptedModel script =
        new ScriptedModel(file, "user", "<think>", "hm", "</think>", "yes", "end");
    try (LoadedModel model = load(script)) {
      Told told = listen(model.generate(request(100, 0, 1)));
      assertEquals("hm", told.thought());
      assertEquals("yes", told.answer());
    }
  }

  @Test
  void aThoughtThatLacksItsOpeningTagEndsAtTheClosingOne() throws Exception {
    ScriptedModel script =
        new ScriptedModel(
            file, "<｜Assistant｜>", "2+2", " is 4", "</think>", "\n\n", "It is ", "4.", "end");
    try (LoadedModel model = load(script)) {
      Told told = listen(model.generate(request(100, 0)));
      assertEquals("2+2 is 4", told.thought());
      assertEquals("It is 4.", told.answer());
      assertEquals(new GenerationEvent.Usage(1, 3, 4), told.finished().usage());
      assertEquals(List.of(1, 2, 3, 4, 5, 6), told.tokens());
    }
  }

  @Test
  void anAnswerOfAThinkingModelWithoutAnyTagIsAnAnswer() throws Exception {
    ScriptedModel script =
        new ScriptedModel(file, "<｜Assistant｜>", "It is ", "4.", "end", "</think>", "eot");
    try (LoadedModel model = load(script)) {
      Told told = listen(model.generate(request(3, 0)));
      assertEquals("", told.thought());
      assertEquals("It is 4.end", told.answer());
      assertEquals(new GenerationEvent.Usage(1, 0, 3), told.finished().usage());
      assertEquals(List.of(1, 2, 3), told.tokens());
    }
  }

  @Test
  void aStopTextEndsTheAnswerBeforeIt() throws Exception {
    try (LoadedModel model = load(letters())) {
      GenerationRequest request =
          new GenerationRequest(
              List.of(0), 100, SamplingParameters.greedy(), List.of("hij", "zz"), false, Map.of());
      Told told = listen(model.generate(request));
      assertEquals("bcdefg", told.answer());
      assertEquals(FinishReason.STOP, told.finished().reason());
    }
  }

  @Test
  void oneSeedGivesOneText() throws Exception {
    try (LoadedModel model = load(letters())) {
      SamplingParameters hot = SamplingParameters.greedy().withTemperature(3).withSeed(8);
      GenerationRequest request = GenerationRequest.of(new int[] {0, 5}, 50, hot);
      Told first = listen(model.generate(request));
      assertEquals(first.tokens(), listen(model.generate(request)).tokens());
      GenerationRequest other = GenerationRequest.of(new int[] {0, 5}, 50, hot.withSeed(9));
      assertTrue(!first.tokens().equals(listen(model.generate(other)).tokens()));
    }
  }

  @Test
  void cancellingEndsItAndTheNextOneRuns() throws Exception {
    try (LoadedModel model = load(letters())) {
      GenerationRequest endless =
          new GenerationRequest(
              List.of(0), 10_000, SamplingParameters.greedy(), List.of(), true, Map.of());
      Generation generation = model.generate(endless);
      while (!(generation.next() instanceof Text)) {}
      generation.cancel();
      Finished finished = null;
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        finished = event instanceof Finished end ? end : null;
      }
      assertEquals(FinishReason.CANCELLED, finished.reason());
      assertEquals("bc", listen(model.generate(request(2, 0))).answer());
    }
  }

  @Test
  void closingAGenerationWaitsUntilTheEngineHasLetGo() throws Exception {
    try (LoadedModel model = load(letters())) {
      Generation queued;
      try (Generation running =
          model.generate(
              new GenerationRequest(
                  List.of(0), 10_000, SamplingParameters.greedy(), List.of(), true, Map.of()))) {
        queued = model.generate(request(3, 0));
        assertTrue(running.next() instanceof GenerationEvent.Started);
      }
      assertEquals("bcd", listen(queued).answer());
    }
  }

  @Test
  void closingTheModelFreesEverythingAndFailsWhatWaits() throws Exception {
    ScriptedModel script = letters();
    Map<String, String> oneAtATime = Map.of(LoadRequest.SEQUENCES, "1");
    LoadedModel model =
        script
            .host()
            .engine()
            .load(
                new LoadRequest(file.toString(), Optional.of("oracle"), 2, 0, oneAtATime),
                Progress.NONE);
    Generation running =
        model.generate(
            new GenerationRequest(
                List.of(0), 10_000, SamplingParameters.greedy(), List.of(), true, Map.of()));
    Generation waiting = model.generate(request(3, 0));
    running.next();
    model.close();
    model.close();
    assertTrue(script.allClosed());
    assertThrows(BurhanException.class, waiting::next);
    assertThrows(BurhanException.class, () -> model.generate(request(3, 0)));
    for (GenerationEvent event = running.next(); event != null; event = running.next()) {
      if (event instanceof Finished finished) {
        assertTrue(
            finished.reason() == FinishReason.CANCELLED
                || finished.reason() == FinishReason.LENGTH);
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefusedAtOnce() {
    try (LoadedModel model = load(letters())) {
      UsageException outside =
          assertThrows(UsageException.class, () -> model.generate(request(3, 0, 999)));
      assertTrue(outside.getMessage().contains("999"), outside.getMessage());
      UsageException tooLong =
          assertThrows(
              UsageException.class,
              () -> model.generate(request(3, new int[ScriptedModel.CONTEXT])));
      assertTrue(tooLong.getMessage().contains("context"), tooLong.getMessage());
    }
  }

  @Test
  void logitsDoNotDependOnHowAPromptIsCut() throws Exception {
    try (LoadedModel model = load(letters())) {
      int[] tokens = IntStream.range(0, 200).map(i -> i * 7 % 27).toArray();
      List<float[]> whole = new ArrayList<>();
      model.score(tokens, (position, logits) -> whole.add(logits.clone()));
      assertEquals(200, whole.size());
      for (int length : new int[] {1, 63, 64, 65, 130, 199}) {
        List<float[]> part = new ArrayList<>();
        model.score(
            java.util.Arrays.copyOf(tokens, length),
            (position, logits) -> part.add(logits.clone()));
        assertArrayEquals(whole.get(length - 1), part.getLast(), 0f, "length " + length);
      }
    }
  }

  @Test
  void logitsFromAPositionOnAreThoseOfTheWhole() throws Exception {
    try (LoadedModel model = load(letters())) {
      int[] tokens = IntStream.range(0, 300).map(i -> i * 7 % 27).toArray();
      List<float[]> whole = new ArrayList<>();
      model.score(tokens, (position, logits) -> whole.add(logits.clone()));
      for (int from : new int[] {1, 64, 256, 257, 299}) {
        List<Integer> positions = new ArrayList<>();
        model.scoreFrom(
            tokens,
            from,
            (position, logits) -> {
              positions.add(position);
              assertArrayEquals(whole.get(position), logits, 0f, "position " + position);
            });
        assertEquals(IntStream.range(from, 300).boxed().toList(), positions);
      }
      assertThrows(UsageException.class, () -> model.scoreFrom(tokens, 300, (p, l) -> {}));
    }
  }

  @Test
  void aSinkThatThrowsDoesNotBlockTheModel() throws Exception {
    try (LoadedModel model = load(letters())) {
      assertThrows(
          IllegalStateException.class,
          () ->
              model.score(
                  new int[300],
                  (position, logits) -> {
                    throw new IllegalStateException("enough");
                  }));
      assertEquals("bc", listen(model.generate(request(2, 0))).answer());
    }
  }

  @Test
  void closingTheModelEndsAScoreThatRuns() throws Exception {
    LoadedModel model = load(letters());
    BurhanException ended =
        assertThrows(
            BurhanException.class,
            () ->
                model.score(
                    new int[350],
                    (position, logits) -> {
                      if (position == 0) {
                        model.close();
                      }
                    }));
    assertTrue(ended.getMessage().contains("closed"), ended.getMessage());
  }

  @Test
  void aNamedBackendThatIsNotThereIsAnErrorThatListsTheOthers() {
    LoadRequest request = new LoadRequest(file.toString(), Optional.of("cuda"), 1, 0, Map.of());
    ScriptedModel script = letters();
    UsageException error =
        assertThrows(
            UsageException.class, () -> script.host().engine().load(request, Progress.NONE));
    assertTrue(
        error.getMessage().contains("cuda") && error.getMessage().contains("oracle"),
        error.getMessage());
    assertTrue(script.allClosed());
  }

  @Test
  void theOracleIsNeverChosenByItself() {
    LoadRequest request = new LoadRequest(file.toString(), Optional.empty(), 1, 0, Map.of());
    BurhanException error =
        assertThrows(
            BurhanException.class, () -> letters().host().engine().load(request, Progress.NONE));
    assertTrue(error.getMessage().contains("only when named"), error.getMessage());
  }

  /** Blocks or rewrites by fixed words, holding back what may become one. */
  private static final class WordPolicy implements ContentPolicy {
    private final List<PolicySession> closed = new ArrayList<>();

    @Override
    public String name() {
      return "words";
    }

    @Override
    public PolicySession begin(PolicyRequest request) {
      return new PolicySession() {
        private final StringBuilder held = new StringBuilder();

        @Override
        public Verdict input() {
          return request.prompt().contains("z")
              ? new Verdict.Block("no z", "Ask something else.")
              : new Verdict.Pass(request.prompt());
        }

        @Override
        public Verdict output(Stage stage, String text, boolean last) {
          held.append(text);
          if (held.indexOf("q") >= 0) {
            return new Verdict.Block("no q", "[withheld]");
          }
          if (!last && held.length() < 5) {
            return new Verdict.Pass("");
          }
          String released = held.toString().replace("cd", "CD");
          held.setLength(0);
          return new Verdict.Pass(released);
        }

        @Override
        public void close() {
          closed.add(this);
        }
      };
    }
  }

  @Test
  void aPolicyChangesAndEndsTheAnswer() throws Exception {
    WordPolicy policy = new WordPolicy();
    try (LoadedModel model = load(letters(), policy)) {
      Told changed = listen(model.generate(request(8, 0)));
      assertEquals("bCDefghi", changed.answer());
      assertEquals(8, changed.tokens().size());
      Told ended = listen(model.generate(request(100, 0)));
      assertEquals("bCDefghijklmnop".substring(0, 15) + "[withheld]", ended.answer());
      assertEquals(FinishReason.BLOCKED, ended.finished().reason());
      assertEquals(2, policy.closed.size());
    }
  }

  @Test
  void aPolicyRefusesAPrompt() throws Exception {
    try (LoadedModel model = load(letters(), new WordPolicy())) {
      Told told = listen(model.generate(request(8, 25)));
      assertEquals("Ask something else.", told.answer());
      assertEquals(FinishReason.BLOCKED, told.finished().reason());
    }
  }

  @Test
  void logprobsComeWithTheTokens() throws Exception {
    try (LoadedModel model = load(letters())) {
      Generation generation =
          model.generate(
              GenerationRequest.of(new int[] {0}, 3, SamplingParameters.greedy().withLogprobs(2)));
      List<GenerationEvent.GeneratedToken> tokens = new ArrayList<>();
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        if (event instanceof Text text) {
          tokens.addAll(text.tokens());
        }
      }
      assertEquals(3, tokens.size());
      tokens.forEach(
          token -> {
            assertEquals(2, token.alternatives().size());
            assertEquals(token.id(), token.alternatives().getFirst().id());
            assertEquals(token.logprob(), token.alternatives().getFirst().logprob());
          });
      assertEquals(
          "1,2,3", tokens.stream().map(token -> "" + token.id()).collect(Collectors.joining(",")));
    }
  }
}
