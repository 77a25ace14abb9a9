package dev.burhan.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.burhan.engine.Tally.Check;
import dev.burhan.engine.Tally.Count;
import dev.burhan.engine.Tally.Opinion;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TallyTextTest {
  private static final Tally TALLY =
      new Tally(
          List.of(new Count("42", List.of(1, 2, 5)), new Count("41", List.of(0))),
          List.of(3),
          OptionalInt.of(1),
          8,
          5,
          3,
          List.of(new Check(1, "42", Opinion.RIGHT), new Check(0, "", Opinion.NONE)));

  @Test
  void votesAreOneLineAndEachCheckIsOne() {
    assertEquals(
        List.of(
            "8 votes: 42: 3, 41: 1, 1 without an answer, 3 cancelled",
            "checked: 42 is right, the model says",
            "checked: whether the answer is right the model does not say"),
        TallyText.lines(TALLY));
    assertEquals("vote 5 of 8, best 42: 3", TallyText.progress(TALLY, 8));
    assertEquals(3, TALLY.agreeing());
    assertEquals(4, TALLY.decided());
  }

  @Test
  void answersCanNotDriveATerminal() {
    Tally hostile =
        new Tally(
            List.of(new Count("\u001b[2J\n\u202e" + "x".repeat(1000), List.of(0, 1))),
            List.of(),
            OptionalInt.of(0),
            2,
            2,
            0,
            List.of());
    String line = TallyText.lines(hostile).getFirst();
    assertFalse(line.contains("\u001b") || line.contains("\n") || line.contains("\u202e"), line);
    assertEquals(2, line.split("x+", 2).length);
    assertFalse(line.length() > 100, line);
  }
}
