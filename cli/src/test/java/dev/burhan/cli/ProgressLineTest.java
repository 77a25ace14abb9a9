package dev.burhan.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final ProgressLine line = new ProgressLine(new PrintStream(screen));

  @Test
  void writesOverItsLineAndEndsItWhenDone() {
    line.update("downloading", 0, 98_362_432);
    line.update("downloading", 98_362_432, 98_362_432);
    assertEquals(
        "\r\033[Kdownloading  0 % of 98 MB\r\033[Kdownloading  100 % of 98 MB\n",
        screen.toString());
  }

  @Test
  void newWorkBeginsANewLine() {
    line.update("one", 1, 10);
    line.update("two", 1, 10);
    assertEquals("\r\033[Kone  10 % of 10\n\r\033[Ktwo  10 % of 10", screen.toString());
  }

  @Test
  void unknownTotalShowsWhatIsDone() {
    assertEquals("5 MB", ProgressLine.amount(5_000_000, 0));
  }

  @Test
  void colourIsOffForNoColorAndDumbTerminals() {
    assertTrue(Terminal.colourAllowed(null, "xterm"));
    assertTrue(Terminal.colourAllowed("", "xterm"));
    assertFalse(Terminal.colourAllowed("1", "xterm"));
    assertFalse(Terminal.colourAllowed(null, "dumb"));
  }

  @Test
  void timeLeftIsToldOnceItCanBe() {
    assertEquals("", ProgressLine.left(1_000_000_000L, 10, 100));
    assertEquals("", ProgressLine.left(3_000_000_000L, 0, 100));
    assertEquals("", ProgressLine.left(3_000_000_000L, 5, 0));
    assertEquals("", ProgressLine.left(3_000_000_000L, 100, 100));
    assertEquals(", about 27 s left", ProgressLine.left(3_000_000_000L, 10, 100));
    assertEquals(", about 4 min 57 s left", ProgressLine.left(3_000_000_000L, 1, 100));
  }
}
