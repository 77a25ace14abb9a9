package dev.burhan.cli.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class PrintableTest {

  @Test
  void modelCannotDriveTheTerminal() {
    assertEquals("\uFFFD]0;title\uFFFD", Printable.of("\u001b]0;title\u0007"));
    assertEquals("\uFFFD31m", Printable.of("\u009b31m"));
    assertEquals("a\uFFFDb", Printable.of("a\rb"));
  }

  @Test
  void lettersAndMarksStay() {
    for (String text : new String[] {"برهان \u200f", "证明\n\t", "e\u0301", "👩\u200d🔬"}) {
      assertSame(text, Printable.of(text));
    }
  }
}
