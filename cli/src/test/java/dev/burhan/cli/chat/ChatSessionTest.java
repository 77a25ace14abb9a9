package dev.burhan.cli.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Engine;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.Reasoning;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ChatSessionTest {
  private final RecordedConsole console = new RecordedConsole();
  private final List<ParrotModel> loaded = new ArrayList<>();
  private final CountDownLatch slow = new CountDownLatch(1);

  /** Loads parrots; "none" is no model, "mute" has no chat template, "slow" waits for the latch. */
  private final Engine engine =
      new Engine() {
        @Override
        public LoadedModel load(LoadRequest request, Progress progress) {
          switch (request.model()) {
            case "none" -> throw new BurhanException("there is no model 'none'");
            case "slow" -> await();
            default -> {}
          }
          var model = new ParrotModel(request, !request.model().equals("mute"));
          loaded.add(model);
          return model;
        }
      };

  private void await() {
    boolean interrupted = false;
    while (true) {
      try {
        slow.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // as work that does not listen
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean chat(String... lines) throws Exception {
    try (var models = new Models(engine, LoadRequest.of("parrot"), Progress.NONE)) {
      return new ChatSession(console.types(lines), models, new Settings(100)).run();
    }
  }

  private List<String> shown(String kind) {
    return console.shown.stream()
        .filter(line -> line.startsWith(kind + " "))
        .map(line -> line.substring(kind.length() + 1))
        .toList();
  }

  private List<String> prompts() {
    return loaded.getFirst().prompts;
  }

  @Test
  void laterTurnsAreAskedWithTheEarlierOnes() throws Exception {
    assertTrue(chat("/system Be brief.", "one", "two"));
    assertEquals(List.of("one", "two"), shown("answer"));
    assertEquals(
        List.of(
            "system:Be brief.\nuser:one", "system:Be brief.\nuser:one\nassistant:one\nuser:two"),
        prompts());
  }

  @Test
  void turnThatFailsLeavesTheConversationAsItWas() throws Exception {
    assertFalse(chat("one", "fail", "two"));
    assertTrue(shown("note").contains("the parrot is asleep"));
    assertEquals("user:one\nassistant:one\nuser:two", prompts().getLast());
  }

  @Test
  void fullContextIsToldWithWhatToDo() throws Exception {
    String pages = "x".repeat(ParrotModel.CONTEXT);
    assertFalse(chat("one", pages, "two"));
    String told = shown("note").stream().filter(n -> n.contains("no room")).findFirst().orElse("");
    assertTrue(told.contains("228 tokens") && told.contains("200"), told);
    assertTrue(told.contains("/reset") && told.contains("--context"), told);
    assertEquals("user:one\nassistant:one\nuser:two", prompts().getLast());
  }

  @Test
  void resetForgets() throws Exception {
    chat("one", "/reset", "two");
    assertEquals("user:two", prompts().getLast());
  }

  @Test
  void otherModelGoesOnWithTheConversation() throws Exception {
    assertTrue(chat("one", "/model macaw", "/backend branch", "two"));
    assertEquals("user:one\nassistant:one\nuser:two", loaded.getLast().prompts.getLast());
    assertEquals("macaw", loaded.getLast().name());
    assertEquals("branch", loaded.getLast().backend());
    assertTrue(loaded.stream().allMatch(model -> model.closed));
  }

  @Test
  void modelStaysWhereTheOtherCanNotBeLoaded() throws Exception {
    assertFalse(chat("one", "/model none", "/model mute", "two"));
    assertTrue(shown("note").contains("there is no model 'none'"));
    assertTrue(shown("note").stream().anyMatch(n -> n.contains("mute has no chat template")));
    assertEquals("user:one\nassistant:one\nuser:two", prompts().getLast());
  }

  @Test
  void loadThatIsStoppedLeavesTheModelAndIsClosedWhenItIsThere() throws Exception {
    console.onStatus("loading slow…", () -> console.stop.run());
    assertTrue(chat("/model slow", "one"));
    assertTrue(shown("note").contains("stopped; parrot stays"));
    slow.countDown();
    assertEquals("user:one", prompts().getLast());
  }

  @Test
  void answerThatIsStoppedIsKept() throws Exception {
    console.onAnswer("endless", () -> console.stop.run());
    assertTrue(chat("endless", "two"));
    assertTrue(shown("note").contains("stopped"));
    assertEquals("user:endless\nassistant:endless\nuser:two", prompts().getLast());
  }

  @Test
  void thoughtIsFoldedAndShownWhenAskedFor() throws Exception {
    chat("one", "/think", "/think show", "two");
    assertTrue(shown("note").contains("hm"));
    assertEquals(List.of("hm"), shown("thought"));
  }

  @Test
  void ctrlCTwiceLeavesAndOnceDoesNot() throws Exception {
    console.typed.add(new Input.Interrupted());
    console.types("one");
    console.typed.add(new Input.Interrupted());
    console.typed.add(new Input.Interrupted());
    assertTrue(chat("two"));
    assertEquals(List.of("one"), shown("answer"));
  }

  @Test
  void settingsAreToldAndStats() throws Exception {
    assertTrue(chat("/seed 7", "/temperature 0.25", "one", "/stats", "/seed random", "/quit", "x"));
    assertTrue(shown("note").contains("seed: 7"));
    assertTrue(shown("note").contains("temperature: 0.25"));
    assertTrue(shown("note").contains("chat: 1 turns asked, 1 of them kept, 4 tokens generated"));
    assertEquals(List.of("one"), shown("answer"));
  }

  @Test
  void wrongValuesAreToldAndNothingChanges() throws Exception {
    assertFalse(chat("/seed x", "/temperature hot", "/think about it", "/seed"));
    assertEquals(
        List.of(
            "a seed is an integer or \"random\", found 'x'",
            "a temperature is a number from 0 to 100 or \"default\", found 'hot'",
            "/think takes show, fold or nothing, found 'about it'",
            "seed: random, a new one each time"),
        shown("note"));
  }

  @Test
  void modelWithoutAChatTemplateIsRefusedAtTheStart() {
    assertThrows(
        BurhanException.class,
        () -> new Models(engine, LoadRequest.of("mute"), Progress.NONE).close());
    assertTrue(loaded.getFirst().closed);
  }

  @Test
  void howMuchIsThoughtCanBeChangedMeanwhile() throws Exception {
    assertTrue(
        chat("/budget 500", "/votes 8", "/verify on", "one", "/budget none", "/verify off", "two"));
    assertEquals(
        new Reasoning(OptionalInt.of(500), 8, true), loaded.getFirst().requests.get(0).reasoning());
    assertEquals(
        new Reasoning(OptionalInt.empty(), 8, false),
        loaded.getFirst().requests.get(1).reasoning());
    assertEquals(
        "one",
        loaded
            .getFirst()
            .requests
            .get(0)
            .conversation()
            .orElseThrow()
            .messages()
            .getLast()
            .get("content"));
    assertTrue(shown("note").containsAll(List.of("thinking budget: 500 tokens", "verify: off")));
  }

  @Test
  void wrongThinkingIsToldAndNothingChanges() throws Exception {
    assertFalse(
        chat("/budget much", "/votes 0", "/votes many", "/verify perhaps", "/budget", "/votes"));
    assertEquals(
        List.of(
            "a thinking budget is a number of tokens or \"none\", found 'much'",
            "votes should be from 1 to 64, found 0",
            "votes are a number, found 'many'",
            "/verify takes on, off or nothing, found 'perhaps'",
            "thinking budget: none",
            "votes: 1"),
        shown("note"));
  }
}
