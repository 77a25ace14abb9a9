package dev.burhan.kernel.reasoning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.kernel.reasoning.ReasoningSplitter.Beginning;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReasoningSplitterTest {
  /** Splits a text in chunks of random lengths; the result must not depend on them. */
  private static String split(String text, Beginning beginning, long seed) {
    Random random = new Random(seed);
    ReasoningSplitter splitter = new ReasoningSplitter(beginning);
    StringBuilder thought = new StringBuilder();
    StringBuilder answer = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      int end = Math.min(text.length(), at + 1 + random.nextInt(6));
      for (ReasoningSplitter.Piece piece : splitter.accept(text.substring(at, end))) {
        (piece.reasoning() ? thought : answer).append(piece.text());
      }
      at = end;
    }
    for (ReasoningSplitter.Piece piece : splitter.end()) {
      (piece.reasoning() ? thought : answer).append(piece.text());
    }
    return thought + "|" + answer;
  }

  private static void splits(String expected, String text, Beginning beginning) {
    for (int seed = 0; seed < 200; seed++) {
      assertEquals(expected, split(text, beginning, seed), "seed " + seed);
    }
  }

  @Test
  void thoughtAndAnswerComeApart() {
    splits(
        "Let me see.\n\n2 < 3|It is 4.",
        "<think>\nLet me see.\n\n2 < 3\n</think>\n\nIt is 4.",
        Beginning.TAGGED);
  }

  @Test
  void aThoughtThatThePromptOpenedNeedsNoOpeningTag() {
    splits("so|then </think> stays", "so</think>then </think> stays", Beginning.IN_THOUGHT);
  }

  @Test
  void aThoughtMayLackItsOpeningTag() {
    splits(
        "Let me see.\n2 < 3|It is 4. </think>",
        " \nLet me see.\n2 < 3\n</think>\n\nIt is 4. </think>",
        Beginning.PERHAPS_UNTAGGED);
    splits("so|yes", "<think>so</think>yes", Beginning.PERHAPS_UNTAGGED);
    splits("|yes", "\n</think>\n\nyes", Beginning.PERHAPS_UNTAGGED);
  }

  @Test
  void anAnswerWithoutTagsIsAnAnswerWhereAThoughtMightHaveLackedItsTag() {
    splits("|It is </thin 4.", "It is </thin 4.", Beginning.PERHAPS_UNTAGGED);
    splits("|<thi", "<thi", Beginning.PERHAPS_UNTAGGED);
    splits("on and on|", "<think>on and on", Beginning.PERHAPS_UNTAGGED);
  }

  @Test
  void textWithoutTagsIsAnAnswer() {
    splits("|  <thin air> </think> x", "  <thin air> </think> x", Beginning.TAGGED);
    splits("|", "", Beginning.TAGGED);
    splits("|<thi", "<thi", Beginning.TAGGED);
  }

  @Test
  void anEmptyThoughtIsNoThought() {
    splits("|yes", "<think>\n\n</think>\n\nyes", Beginning.TAGGED);
  }

  @Test
  void aThoughtThatIsNeverClosedIsAThought() {
    splits("on and </thi|", "<think>on and </thi", Beginning.TAGGED);
    splits("on|", "<think>on \n", Beginning.TAGGED);
  }

  @Test
  void whatLooksLikeATagWithinTheThoughtStays() {
    splits("a </thin> b <think> c|d", "<think>a </thin> b <think> c</think>d", Beginning.TAGGED);
  }

  @Test
  void textIsReleasedAsSoonAsItIsCertain() {
    ReasoningSplitter splitter = new ReasoningSplitter(Beginning.IN_THOUGHT);
    assertEquals("one", splitter.accept("one </th").getFirst().text());
    assertEquals(" </that", splitter.accept("at").getFirst().text());
  }
}
