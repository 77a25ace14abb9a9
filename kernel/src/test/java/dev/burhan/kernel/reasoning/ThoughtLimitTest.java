package dev.burhan.kernel.reasoning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.kernel.reasoning.ReasoningSplitter.Beginning;
import dev.burhan.provider.UsageException;
import dev.burhan.text.Tokenizer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ThoughtLimitTest {
  private static final Tokenizer TAGGED = new Letters("<think>", "</think>");
  private static final Tokenizer SPELT = new Letters();

  /** What comes of a text that the model would write, token by token. */
  private record Written(String thought, String answer, int thoughtTokens) {}

  private static Written write(Tokenizer tokenizer, int budget, Beginning beginning, String text) {
    ThoughtLimit limit = new ThoughtLimit(OptionalInt.of(budget), Optional.of(tokenizer));
    ReasoningSplitter splitter = new ReasoningSplitter(beginning);
    StringBuilder thought = new StringBuilder();
    StringBuilder answer = new StringBuilder();
    int generated = 0;
    int thoughtTokens = 0;
    int[] wanted = tokenizer.encode(text, false);
    for (int next = 0; next < wanted.length; ) {
      int[] forced = limit.forced(generated, splitter.mayBeThought());
      for (int token : forced.length > 0 ? forced : new int[] {wanted[next++]}) {
        boolean before = splitter.mayBeThought();
        for (var piece : splitter.accept(tokenizer.piece(token))) {
          (piece.reasoning() ? thought : answer).append(piece.text());
        }
        thoughtTokens += before || splitter.inThought() ? 1 : 0;
        generated++;
      }
    }
    splitter.end().forEach(piece -> (piece.reasoning() ? thought : answer).append(piece.text()));
    return new Written(thought.toString(), answer.toString(), thoughtTokens);
  }

  @Test
  void aThoughtIsClosedAtItsBudgetAndTheModelGoesOnAnswering() {
    Written written = write(TAGGED, 8, Beginning.TAGGED, "<think>0123456789");
    assertEquals("0123456\n\nI have thought long enough; I answer now.", written.thought());
    assertEquals("789", written.answer());
    String closing = "\n\nI have thought long enough; I answer now.\n";
    assertEquals(8 + closing.length() + 1, written.thoughtTokens());
  }

  @Test
  void theVocabularysOwnTagClosesItAndElseTheTagIsSpeltOut() {
    ThoughtLimit own = new ThoughtLimit(OptionalInt.of(5), Optional.of(TAGGED));
    int[] forced = own.forced(5, true);
    int tag = TAGGED.id("</think>").getAsInt();
    assertEquals(1, Arrays.stream(forced).filter(id -> id == tag).count());
    assertTrue(TAGGED.decode(forced, false).endsWith("now.\n</think>\n\n"));
    ThoughtLimit spelt = new ThoughtLimit(OptionalInt.of(5), Optional.of(SPELT));
    assertEquals(TAGGED.decode(forced, false), SPELT.decode(spelt.forced(5, true), false));
  }

  @Test
  void nothingIsForcedBeforeTheBudgetNorOutsideOfAThoughtNorTwice() {
    ThoughtLimit limit = new ThoughtLimit(OptionalInt.of(5), Optional.of(TAGGED));
    assertEquals(0, limit.forced(4, true).length);
    assertEquals(0, limit.forced(9, false).length);
    assertTrue(limit.forced(9, true).length > 0);
    assertEquals(0, limit.forced(60, true).length);
  }

  @Test
  void aThoughtThatEndsInTimeIsLeftAlone() {
    String text = "<think>so</think>yes, and this goes on for long";
    assertEquals(
        new Written("so", "yes, and this goes on for long", 4),
        write(TAGGED, 4, Beginning.TAGGED, text));
  }

  @Test
  void aBudgetOfNothingClosesWhatThePromptOpenedBeforeTheFirstToken() {
    ThoughtLimit limit = new ThoughtLimit(OptionalInt.of(0), Optional.of(TAGGED));
    assertEquals("\n</think>\n\n", TAGGED.decode(limit.forced(0, true), false));
    Written written = write(TAGGED, 0, Beginning.IN_THOUGHT, "yes");
    assertEquals("", written.thought());
    assertEquals("yes", written.answer());
  }

  @Test
  void aBudgetOfNothingClosesAThoughtThatTheModelOpens() {
    Written written = write(TAGGED, 0, Beginning.TAGGED, "<think>yes");
    assertEquals(new Written("", "yes", 3), written);
  }

  @Test
  void aThoughtThatMayLackItsOpeningTagIsClosedToo() {
    Written written = write(SPELT, 0, Beginning.PERHAPS_UNTAGGED, "yes");
    assertEquals("yes", written.answer());
    assertEquals("", written.thought());
    assertTrue(
        write(SPELT, 3, Beginning.PERHAPS_UNTAGGED, "hm yes").thought().startsWith("hm \n\nI "));
  }

  @Test
  void anAnswerWithoutAThoughtIsNeverTouched() {
    String text = "  <thin air> costs nothing";
    assertEquals(text, write(TAGGED, 0, Beginning.TAGGED, text).answer());
  }

  @Test
  void aBudgetWithoutATokenizerIsRefused() {
    assertThrows(UsageException.class, () -> new ThoughtLimit(OptionalInt.of(5), Optional.empty()));
    new ThoughtLimit(OptionalInt.empty(), Optional.empty());
  }
}
