package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Speculation;
import dev.burhan.kernel.engine.Spoken.Counted;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model that would think its whole alphabet through, and is made to answer. */
class ThoughtBudgetTest {
  private static final String CLOSING = "\n\nI have thought long enough; I answer now.\n";

  /** Opens a thought, thinks letters and signs, closes it, ends a line, answers xy. */
  private static final List<String> SCRIPT = script();

  @TempDir Path folder;
  private Path file;

  private static List<String> script() {
    List<String> tokens = new ArrayList<>(List.of("?", "<think>"));
    "aeghlnorstuvwI;. ".chars().mapToObj(Character::toString).forEach(tokens::add);
    tokens.addAll(List.of("</think>", "\n", "x", "y", "END"));
    return tokens;
  }

  @BeforeEach
  void makeFile() throws Exception {
    file = Files.createFile(folder.resolve("scripted.model"));
  }

  private LoadedModel load(boolean drafting) {
    ScriptedModel model = new ScriptedModel(file, SCRIPT.toArray(String[]::new));
    if (drafting) {
      model.drafting(token -> token % 4 == 0);
    }
    LoadRequest request = new LoadRequest(file.toString(), Optional.of("oracle"), 1, 0, Map.of());
    return model
        .host()
        .engine()
        .load(
            request.withSpeculation(Optional.of(drafting ? Speculation.mtp(3) : Speculation.OFF)),
            Progress.NONE);
  }

  private static Counted speak(LoadedModel model, String prompt, OptionalInt budget)
      throws Exception {
    int last = SCRIPT.indexOf(prompt);
    int[] ids = {3, 9, 5, 7, 4, 6, last}; // several, as attention at one position is loud
    GenerationRequest request = GenerationRequest.of(ids, 200, SamplingParameters.greedy());
    return Spoken.listen(model.generate(request.withReasoning(new Reasoning(budget, 1, false))));
  }

  @Test
  void withoutABudgetTheModelThinksToItsEnd() throws Exception {
    try (LoadedModel model = load(false)) {
      Counted told = speak(model, "<think>", OptionalInt.empty());
      assertEquals("aeghlnorstuvwI;.", told.spoken().thought());
      assertEquals("xy", told.spoken().answer());
      assertEquals(18, told.usage().reasoning()); // its last blank and the tag too
    }
  }

  @Test
  void atTheBudgetTheThoughtIsClosedAndTheModelAnswers() throws Exception {
    try (LoadedModel model = load(false)) {
      Counted told = speak(model, "<think>", OptionalInt.of(3));
      assertEquals("aeg" + CLOSING.stripTrailing(), told.spoken().thought());
      assertEquals("xy", told.spoken().answer());
      assertEquals(3 + CLOSING.length() + 1, told.usage().reasoning());
      assertEquals(5, told.usage().answer()); // two line ends, x, y and the end
    }
  }

  @Test
  void aBudgetOfNothingClosesTheThoughtWhoeverOpenedIt() throws Exception {
    try (LoadedModel model = load(false)) {
      for (String opener : List.of("<think>", "?")) {
        Counted told = speak(model, opener, OptionalInt.of(0));
        assertEquals("", told.spoken().thought());
        assertEquals("xy", told.spoken().answer());
        int opened = opener.equals("?") ? 1 : 0; // by the model
        assertEquals(opened + 2, told.usage().reasoning(), "a line's end and the tag");
      }
    }
  }

  @Test
  void guessingAheadDoesNotChangeWhatABudgetGives() throws Exception {
    try (LoadedModel plain = load(false);
        LoadedModel drafting = load(true)) {
      for (int budget = 0; budget < 20; budget++) {
        for (String opener : List.of("<think>", "?")) {
          OptionalInt given = OptionalInt.of(budget);
          assertEquals(
              speak(plain, opener, given).spoken(),
              speak(drafting, opener, given).spoken(),
              "budget " + budget + " after " + opener);
        }
      }
      assertTrue(speak(drafting, "?", OptionalInt.of(9)).usage().drafted() > 0);
    }
  }

  @Test
  void aBudgetThatIsNotReachedChangesNothing() throws Exception {
    try (LoadedModel model = load(false)) {
      List<Counted> told =
          Stream.of(OptionalInt.empty(), OptionalInt.of(18), OptionalInt.of(5000))
              .map(budget -> heard(model, budget))
              .toList();
      assertEquals(told.get(0).spoken(), told.get(1).spoken());
      assertEquals(told.get(0).spoken(), told.get(2).spoken());
    }
  }

  private static Counted heard(LoadedModel model, OptionalInt budget) {
    try {
      return speak(model, "<think>", budget);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
