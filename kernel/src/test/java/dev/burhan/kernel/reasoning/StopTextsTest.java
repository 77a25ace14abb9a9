package dev.burhan.kernel.reasoning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopTextsTest {
  @Test
  void theTextEndsBeforeTheFirstStopTextHoweverItIsCut() {
    Random random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      List<String> stops = List.of("ab", "bab", "cc");
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 12; i++) {
        text.append("abcd".charAt(random.nextInt(4)));
      }
      StopTexts texts = new StopTexts(stops);
      StringBuilder shown = new StringBuilder();
      for (int at = 0; at < text.length() && !texts.found(); ) {
        int end = Math.min(text.length(), at + 1 + random.nextInt(3));
        shown.append(texts.accept(text.substring(at, end)));
        at = end;
      }
      shown.append(texts.end());
      assertEquals(expected(text.toString(), stops), shown.toString(), text.toString());
    }
  }

  /**
   * What a reader who sees one character at a time shows: the stop text that is complete first ends
   * the text at its beginning.
   */
  private static String expected(String text, List<String> stops) {
    for (int end = 1; end <= text.length(); end++) {
      int first = Integer.MAX_VALUE;
      for (String stop : stops) {
        int at = text.substring(0, end).indexOf(stop);
        if (at >= 0) {
          first = Math.min(first, at);
        }
      }
      if (first < Integer.MAX_VALUE) {
        return text.substring(0, first);
      }
    }
    return text;
  }

  @Test
  void whatMayBecomeAStopTextIsHeldBack() {
    StopTexts texts = new StopTexts(List.of("END"));
    assertEquals("a ", texts.accept("a EN"));
    assertEquals("ENT", texts.accept("T"));
    assertEquals("", texts.accept("END and more"));
    assertTrue(texts.found());
    assertEquals("", texts.end());
  }

  @Test
  void withoutStopTextsEverythingPasses() {
    assertEquals("all of it", new StopTexts(List.of()).accept("all of it"));
  }
}
