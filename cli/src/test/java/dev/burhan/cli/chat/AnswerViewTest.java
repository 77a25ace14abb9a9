package dev.burhan.cli.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.Tally;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AnswerViewTest {
  private final RecordedConsole console = new RecordedConsole();
  private long now;

  private AnswerView view(boolean showThought) {
    return new AnswerView(console, showThought, 3, () -> now);
  }

  private static GenerationEvent text(boolean thought, String text, int tokens) {
    return new GenerationEvent.Text(
        thought, text, Collections.nCopies(tokens, new GeneratedToken(7, Float.NaN, List.of())));
  }

  private static GenerationEvent end() {
    return new GenerationEvent.Finished(
        FinishReason.STOP,
        new GenerationEvent.Usage(1, 2, 3),
        new GenerationEvent.Timings(0, 0, 0));
  }

  private void seconds(double seconds) {
    now += Math.round(seconds * 1e9);
  }

  @Test
  void thoughtIsFoldedToALineWithItsTimeAndLength() {
    AnswerView view = view(false);
    view.accept(new GenerationEvent.Started(5));
    view.accept(text(true, "Let me ", 1));
    seconds(12.3);
    view.accept(text(true, "see.", 339));
    view.accept(text(false, "\n\nFour", 2));
    view.accept(text(false, ".", 1));
    view.accept(end());
    assertEquals(
        List.of(
            "status thinking… 0 s, 1 token",
            "status thinking… 12 s, 340 tokens",
            "note thought for 12.3 s, 340 tokens",
            "answer Four",
            "answer ."),
        console.shown);
    assertEquals("Let me see.", view.thought());
    assertEquals("Four.", view.answer());
  }

  @Test
  void shownThoughtStreams() {
    AnswerView view = view(true);
    view.accept(text(true, "\nHm.", 2));
    seconds(1);
    view.accept(text(false, "Yes", 1));
    assertEquals(
        List.of("thought Hm.", "note thought for 1.0 s, 2 tokens", "answer Yes"), console.shown);
  }

  @Test
  void thoughtThatNothingFollowsIsFoldedAtTheEnd() {
    AnswerView view = view(false);
    view.accept(text(true, "Hm.", 2));
    view.accept(end());
    assertEquals("note thought for 0.0 s, 2 tokens", console.shown.getLast());
    assertEquals("", view.answer());
  }

  @Test
  void blankThoughtIsNone() {
    AnswerView view = view(false);
    view.accept(text(true, "\n\n", 1));
    view.accept(text(false, "Yes", 1));
    view.accept(end());
    assertEquals(List.of("answer Yes"), console.shown);
  }

  @Test
  void longReadingIsToldAfterTwoSeconds() {
    AnswerView view = view(false);
    view.accept(new GenerationEvent.Started(5000));
    seconds(1.9);
    view.tick();
    assertEquals(List.of(), console.shown);
    seconds(0.2);
    view.tick();
    assertEquals(List.of("status reading 5000 tokens… 2 s"), console.shown);
  }

  @Test
  void aVoteShowsHowItStandsAndThenTheAnswerThatWasChosen() {
    AnswerView view = view(false);
    var tally =
        new Tally(
            List.of(new Tally.Count("42", List.of(0, 1))),
            List.of(),
            OptionalInt.of(0),
            3,
            2,
            0,
            List.of());
    view.accept(new GenerationEvent.Started(5));
    seconds(7);
    view.accept(new GenerationEvent.Voted(1, Optional.of("42"), tally));
    view.accept(text(true, "six times seven", 5));
    view.accept(text(false, "42", 1));
    view.accept(end());
    assertEquals(
        List.of(
            "status vote 2 of 3, best 42: 2… 7 s",
            "status thinking… 0 s, 5 tokens",
            "note thought, 5 tokens",
            "answer 42"),
        console.shown);
  }
}
