package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Tally;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.Progress;
import dev.burhan.text.ChatPrompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Budgets, votes and checks on a real model with its own tokenizer and template. */
class ReasoningOptionsTest {
  private LoadedModel model;

  @BeforeEach
  void load() throws Exception {
    String file = References.model("smollm2/SmolLM2-135M-Instruct-Q4_1.gguf").toString();
    model =
        new FlatHost()
            .engine()
            .load(new LoadRequest(file, Optional.of("vector"), 2, 1024, Map.of()), Progress.NONE);
  }

  @AfterEach
  void close() {
    if (model != null) {
      model.close();
    }
  }

  private record Heard(String thought, String answer, List<Integer> tokens, Finished finished) {}

  private Heard hear(GenerationRequest request) throws InterruptedException {
    StringBuilder thought = new StringBuilder();
    StringBuilder answer = new StringBuilder();
    List<Integer> tokens = new ArrayList<>();
    Finished finished = null;
    try (Generation generation = model.generate(request)) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        if (event instanceof Text text) {
          (text.reasoning() ? thought : answer).append(text.text());
          text.tokens().forEach(token -> tokens.add(token.id()));
        } else if (event instanceof Finished end) {
          finished = end;
        }
      }
    }
    return new Heard(thought.toString(), answer.toString(), tokens, finished);
  }

  private GenerationRequest question(String text, int maxTokens, SamplingParameters sampling) {
    ChatPrompt prompt = ChatPrompt.user(text);
    String rendered = model.chatFormat().orElseThrow().render(prompt);
    return GenerationRequest.of(model.tokenizer().encode(rendered, false), maxTokens, sampling)
        .withConversation(prompt);
  }

  @Test
  void aVoteGivesTheTokensThatItsChosenSampleGivesByItself() throws Exception {
    SamplingParameters sampling = SamplingParameters.reasoning(11).withTemperature(0.9);
    GenerationRequest request =
        question("What is 7 + 8? Answer with the number only.", 40, sampling)
            .withReasoning(Reasoning.DEFAULT.withVotes(5));
    Heard voted = hear(request);
    Tally tally = voted.finished().tally().orElseThrow();
    assertEquals(5, tally.started());
    assertFalse(tally.answers().isEmpty());
    int first = tally.answers().getFirst().samples().getFirst();
    assertEquals(first, tally.chosen().orElseThrow());
    Heard alone = hear(request.alone(Optional.of(tally)));
    assertEquals(alone.tokens(), voted.tokens());
    assertEquals(alone.answer(), voted.answer());
    assertTrue(alone.finished().usage().cached() > 0, "the vote's prompt is in the cache");
  }

  @Test
  void aThoughtIsClosedAtItsBudgetInWordsOfTheModelsOwnVocabulary() throws Exception {
    String opened =
        "<|im_start|>user\nWhy is the sky blue?<|im_end|>\n<|im_start|>assistant\n<think>\n";
    int[] ids = model.tokenizer().encode(opened, false);
    for (int budget : new int[] {0, 12}) {
      GenerationRequest request =
          GenerationRequest.of(ids, 60, SamplingParameters.greedy())
              .withReasoning(Reasoning.DEFAULT.withBudget(budget));
      Heard heard = hear(request);
      assertEquals(budget > 0, heard.thought().endsWith("I answer now."), heard.thought());
      assertFalse(heard.answer().isBlank());
      int thought = heard.finished().usage().reasoning();
      assertTrue(thought > budget && thought < budget + 25, "thought " + thought);
    }
  }

  @Test
  void theModelIsAskedAboutItsAnswer() throws Exception {
    SamplingParameters sampling = SamplingParameters.reasoning(3);
    Heard heard =
        hear(
            question("What is 2 + 2?", 60, sampling)
                .withReasoning(Reasoning.DEFAULT.withVerify(true)));
    Tally tally = heard.finished().tally().orElseThrow();
    boolean whole = heard.finished().reason() == FinishReason.STOP; // what is cut off is not judged
    assertEquals(whole, !tally.checks().isEmpty());
    assertEquals(tally.started(), tally.finished());
  }
}
