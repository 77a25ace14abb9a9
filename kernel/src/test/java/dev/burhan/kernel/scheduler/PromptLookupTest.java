package dev.burhan.kernel.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PromptLookupTest {
  private static Sequence text(int... tokens) {
    return new Sequence(tokens, new PagePool(1), 4);
  }

  @Test
  void goesOnWhereTheSameWordsWereBefore() {
    PromptLookup lookup = new PromptLookup();
    assertEquals(3, lookup.find(text(1, 2, 3, 4, 5, 1, 2, 3)));
    assertEquals(3, lookup.match());
  }

  @Test
  void twoWordsAreNotEnough() {
    assertEquals(-1, new PromptLookup().find(text(9, 2, 3, 4, 5, 1, 2, 3)));
    assertEquals(-1, new PromptLookup().find(text(1, 2)));
  }

  @Test
  void thePlaceWhereMoreWordsAgreeIsTakenBeforeALaterOne() {
    PromptLookup lookup = new PromptLookup();
    int place = lookup.find(text(7, 1, 2, 3, 10, 8, 1, 2, 3, 11, 7, 1, 2, 3));
    assertEquals(4, place);
    assertEquals(4, lookup.match());
  }

  @Test
  void ofEquallyLongOnesTheLatestIsTaken() {
    assertEquals(7, new PromptLookup().find(text(1, 2, 3, 10, 1, 2, 3, 11, 9, 1, 2, 3)));
  }

  @Test
  void findsWhatAPlainSearchFindsInAGrowingText() {
    Random random = new Random(5);
    for (int round = 0; round < 50; round++) {
      int vocabulary = 2 + random.nextInt(6);
      Sequence text = text(random.ints(3, 0, vocabulary).toArray());
      PromptLookup lookup = new PromptLookup();
      for (int i = 0; i < 400; i++) {
        int place = lookup.find(text);
        int longest = longest(text);
        if (place >= 0) {
          assertTrue(place < text.length());
          assertTrue(lookup.match() <= longest);
        }
        assertEquals(longest >= PromptLookup.LEAST_MATCH, place >= 0);
        text.append(random.nextInt(vocabulary));
      }
    }
  }

  private static int longest(Sequence text) {
    int end = text.length();
    int longest = 0;
    for (int place = 1; place < end; place++) {
      int agree = 0;
      while (agree < place && text.token(place - 1 - agree) == text.token(end - 1 - agree)) {
        agree++;
      }
      longest = Math.max(longest, agree);
    }
    return longest;
  }

  @Test
  void aLongTextOfOneWordIsNoTrouble() {
    Sequence text = text(new int[100_000]);
    PromptLookup lookup = new PromptLookup();
    for (int i = 0; i < 1000; i++) {
      assertTrue(lookup.find(text) > 0);
      text.append(0);
    }
  }
}
