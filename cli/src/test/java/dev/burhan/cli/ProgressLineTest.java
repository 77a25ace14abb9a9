package dev.burhan.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private static final long SMOLLM2 = 98_362_432;

  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private long now;

  private ProgressLine line(boolean terminal) {
    return new ProgressLine(new PrintStream(screen), terminal, () -> now);
  }

  private void seconds(double seconds) {
    now += Math.round(seconds * 1e9);
  }

  private static String written(String line) {
    return "\r\033[?7l" + line + "\033[K\033[?7h";
  }

  @Test
  void showsBarAmountRateAndTimeLeft() {
    ProgressLine line = line(true);
    line.update("downloading", 0, SMOLLM2);
    seconds(4);
    line.update("downloading", SMOLLM2 / 4, SMOLLM2);
    seconds(12);
    line.update("downloading", SMOLLM2, SMOLLM2);
    assertEquals(
        written("downloading  [#####---------------]  25 % of 98 MB, 6.1 MB/s, about 12 s left")
            + written("downloading  [####################]  100 % of 98 MB, 6.1 MB/s, 16 s")
            + "\n",
        screen.toString());
  }

  @Test
  void downloadThatGoesOnFromBeforeIsNotTakenForAFastOne() {
    ProgressLine line = line(true);
    line.update("downloading", 80_000_000, 100_000_000);
    seconds(2);
    line.update("downloading", 90_000_000, 100_000_000);
    assertTrue(screen.toString().contains("5.0 MB/s, about 2 s left"), screen.toString());
  }

  @Test
  void workOfLessThanTwoSecondsShowsNothing() {
    ProgressLine line = line(true);
    line.update("checking", 0, 100);
    seconds(1.5);
    line.update("checking", 99, 100);
    line.update("checking", 100, 100);
    line.end();
    assertEquals("", screen.toString());
  }

  @Test
  void newWorkBeginsANewLine() {
    ProgressLine line = line(true);
    line.update("one", 0, 10);
    seconds(2);
    line.update("one", 1, 10);
    line.update("two", 0, 10);
    seconds(3);
    line.update("two", 1, 10);
    assertEquals(
        written("one  [##------------------]  10 % of 10, about 18 s left")
            + "\n"
            + written("two  [##------------------]  10 % of 10, about 27 s left"),
        screen.toString());
  }

  @Test
  void unknownTotalShowsWhatIsDoneAndForHowLong() {
    ProgressLine line = line(true);
    line.update("reading", 0, 0);
    seconds(75);
    line.update("reading", 5_000_000, 0);
    assertEquals(written("reading  5 MB, 1 min 15 s"), screen.toString());
  }

  @Test
  void writesTenTimesASecondAtMost() {
    ProgressLine line = line(true);
    line.update("one", 0, 0);
    seconds(2);
    line.update("one", 1, 0);
    seconds(0.05);
    line.update("one", 2, 0);
    assertEquals(written("one  1, 2 s"), screen.toString());
  }

  @Test
  void longDownloadIsOneLineWhereThereIsNoTerminal() {
    ProgressLine line = line(false);
    line.update("downloading smollm2", 0, 100_000_000);
    for (int i = 1; i <= 10; i++) {
      seconds(1);
      line.update("downloading smollm2", i * 10_000_000, 100_000_000);
    }
    line.update("loading smollm2", 0, SMOLLM2);
    seconds(60);
    line.update("loading smollm2", SMOLLM2 / 2, SMOLLM2);
    line.end();
    assertEquals(
        "downloading smollm2  10 % of 100 MB, 10.0 MB/s, about 9 s left\n", screen.toString());
  }

  @Test
  void colourIsForTerminalsUnlessTheEnvironmentSaysOtherwise() {
    assertTrue(Terminal.colour(true, Map.of("TERM", "xterm")));
    assertTrue(Terminal.colour(true, Map.of("NO_COLOR", "")));
    assertFalse(Terminal.colour(false, Map.of("TERM", "xterm")));
    assertFalse(Terminal.colour(true, Map.of("TERM", "xterm", "NO_COLOR", "1")));
    assertFalse(Terminal.colour(true, Map.of("TERM", "dumb")));
    assertFalse(Terminal.colour(true, Map.of("CLICOLOR", "0")));
    assertTrue(Terminal.colour(false, Map.of("CLICOLOR_FORCE", "1")));
    assertFalse(Terminal.colour(false, Map.of("CLICOLOR_FORCE", "0")));
    assertFalse(Terminal.colour(true, Map.of("CLICOLOR_FORCE", "1", "NO_COLOR", "1")));
  }
}
