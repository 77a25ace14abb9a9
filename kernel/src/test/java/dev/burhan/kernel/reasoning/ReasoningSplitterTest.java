package dev.burhan.kernel.reasoning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ReasoningSplitterTest {
  /** Splits a text in chunks of random lengths; the result must not depend on them. */
  private static String split(String text, boolean inThought, long seed) {
    Random random = new Random(seed);
    ReasoningSplitter splitter = new ReasoningSplitter(inThought);
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

  private static void splits(String expected, String text, boolean inThought) {
    for (int seed = 0; seed < 200; seed++) {
      assertEquals(expected, split(text, inThought, seed), "seed " + seed);
    }
  }

  @Test
  void thoughtAndAnswerComeApart() {
    splits(
        "Let me see.\n\n2 < 3|It is 4.",
        "<think>\nLet me see.\n\n2 < 3\n</think>\n\nIt is 4.",
        false);
  }

  @Test
  void aThoughtThatThePromptOpenedNeedsNoOpeningTag() {
    splits("so|then </think> stays", "so</think>then </think> stays", true);
  }

  @Test
  void textWithoutTagsIsAnAnswer() {
    splits("|  <thin air> </think> x", "  <thin air> </think> x", false);
    splits("|", "", false);
    splits("|<thi", "<thi", false);
  }

  @Test
  void anEmptyThoughtIsNoThought() {
    splits("|yes", "<think>\n\n</think>\n\nyes", false);
  }

  @Test
  void aThoughtThatIsNeverClosedIsAThought() {
    splits("on and </thi|", "<think>on and </thi", false);
    splits("on|", "<think>on \n", false);
  }

  @Test
  void whatLooksLikeATagWithinTheThoughtStays() {
    splits("a </thin> b <think> c|d", "<think>a </thin> b <think> c</think>d", false);
  }

  @Test
  void textIsReleasedAsSoonAsItIsCertain() {
    ReasoningSplitter splitter = new ReasoningSplitter(true);
    assertEquals("one", splitter.accept("one </th").getFirst().text());
    assertEquals(" </that", splitter.accept("at").getFirst().text());
  }
}
