package dev.burhan.kernel.reasoning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Tally.Opinion;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class VerificationTest {
  private static final Tokenizer LETTERS = new Letters();

  /** A line for each message. */
  static final ChatFormat LINES =
      new ChatFormat() {
        @Override
        public String template() {
          return "role:content";
        }

        @Override
        public String render(ChatPrompt prompt) {
          return prompt.messages().stream()
              .map(message -> message.get("role") + ":" + message.get("content") + "\n")
              .collect(Collectors.joining());
        }
      };

  private static GenerationRequest request() {
    return GenerationRequest.of(
            LETTERS.encodePlain("user:6 times 7?\n"), 50, SamplingParameters.reasoning(3))
        .withReasoning(new Reasoning(OptionalInt.of(9), 4, true))
        .withConversation(ChatPrompt.user("6 times 7?"));
  }

  private static String text(GenerationRequest request) {
    return LETTERS.decode(request.promptIds(), false);
  }

  @Test
  void theModelIsAskedInTheNextTurnOfTheConversation() {
    Verification verification =
        new Verification(request(), Optional.of(LINES), Optional.of(LETTERS));
    GenerationRequest asked = verification.about("It is 42.", 10_000).orElseThrow();
    assertTrue(text(asked).startsWith("user:6 times 7?\nassistant:It is 42.\nuser:Is your answer"));
    assertEquals(new Reasoning(OptionalInt.of(9), 1, false), asked.reasoning());
    assertEquals(request().sampling(), asked.sampling());
  }

  @Test
  void thereIsNoQuestionWhereItDoesNotFit() {
    Verification verification =
        new Verification(request(), Optional.of(LINES), Optional.of(LETTERS));
    int tokens = verification.about("42", 10_000).orElseThrow().prompt().size();
    assertFalse(verification.about("42", tokens).isPresent());
    assertTrue(verification.about("42", tokens + 1).isPresent());
  }

  @Test
  void aModelThatCanNotBeAskedIsToldAtOnce() {
    String template =
        assertThrows(
                UsageException.class,
                () -> new Verification(request(), Optional.empty(), Optional.of(LETTERS)))
            .getMessage();
    assertTrue(template.contains("no chat template"), template);
    GenerationRequest raw = GenerationRequest.of(new int[] {1}, 5, SamplingParameters.greedy());
    String conversation =
        assertThrows(
                UsageException.class,
                () -> new Verification(raw, Optional.of(LINES), Optional.of(LETTERS)))
            .getMessage();
    assertTrue(conversation.contains("raw prompt"), conversation);
  }

  @Test
  void theLastWordForItDecides() {
    Map<Opinion, List<String>> said =
        Map.of(
            Opinion.RIGHT,
            List.of(
                "RIGHT",
                "It looked wrong at first.\n\n**RIGHT**",
                "\\boxed{RIGHT}",
                "The answer is correct.",
                "So the answer is not wrong",
                "That isn't incorrect.",
                "right.",
                "WRONG? No: RIGHT!"),
            Opinion.WRONG,
            List.of(
                "WRONG",
                "All steps look right, but the sum is off.\nWRONG.",
                "The answer is incorrect",
                "That is not right.",
                "It isn't correct",
                "The answer is not quite right",
                "it is not **correct**",
                "It can't be right"),
            Opinion.NONE,
            List.of("", "I can't say.", "A bright copyright"));
    said.forEach(
        (opinion, texts) ->
            texts.stream()
                .forEach(text -> assertEquals(opinion, Verification.opinion(text), text)));
  }
}
