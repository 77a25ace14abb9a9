package dev.burhan.kernel.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Speculation;
import org.junit.jupiter.api.Test;

class DraftPaceTest {
  private static final long PLAIN = 1_000_000;

  /** Runs rounds and returns in how many of them tokens were guessed. */
  private static int rounds(DraftPace pace, int count, double cost, int accepted) {
    int guessing = 0;
    for (int i = 0; i < count; i++) {
      int guesses = pace.next();
      if (guesses == 0) {
        pace.record(0, 0, PLAIN);
      } else {
        guessing++;
        pace.record(guesses, Math.min(accepted, guesses), (long) (cost * PLAIN));
      }
    }
    return guessing;
  }

  @Test
  void guessingGoesOnWhileItIsQuicker() {
    DraftPace pace = new DraftPace(Speculation.AUTO);
    assertEquals(DraftPace.PERIOD - DraftPace.PLAIN, rounds(pace, DraftPace.PERIOD, 1.6, 1));
    assertTrue(pace.pays());
  }

  @Test
  void wrongGuessesAreTriedAgainNowAndThenOnly() {
    DraftPace pace = new DraftPace(Speculation.AUTO);
    assertEquals(3 * DraftPace.GUESSING, rounds(pace, 3 * DraftPace.PERIOD, 1.6, 0));
    assertFalse(pace.pays());
  }

  @Test
  void rightGuessesThatCostMoreThanTheyGiveAreGivenUp() {
    DraftPace pace = new DraftPace(Speculation.AUTO);
    assertEquals(DraftPace.GUESSING, rounds(pace, DraftPace.PERIOD, 2.1, 1));
  }

  @Test
  void guessingBeginsAnewWhenItPaysAgain() {
    DraftPace pace = new DraftPace(Speculation.AUTO);
    rounds(pace, DraftPace.PERIOD, 1.3, 0);
    assertFalse(pace.pays());
    rounds(pace, 4 * DraftPace.PERIOD, 1.3, 1);
    assertTrue(pace.pays());
  }

  @Test
  void whoDemandsGuessesGetsThemAlways() {
    DraftPace pace = new DraftPace(Speculation.mtp(2));
    assertEquals(1000, rounds(pace, 1000, 9, 0));
    assertEquals(2, pace.next());
  }
}
