package dev.burhan.cli.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MultiLineTest {

  @Test
  void backslashAtTheEndGoesOn() {
    assertTrue(MultiLine.isOpen("one\\"));
    assertTrue(MultiLine.isOpen("one\\\ntwo\\"));
    assertFalse(MultiLine.isOpen("one\\\ntwo"));
    assertEquals("one\ntwo", MultiLine.meant("one\\\ntwo"));
  }

  @Test
  void twoBackslashesAreText() {
    assertFalse(MultiLine.isOpen("C:\\\\"));
    assertEquals("C:\\\\", MultiLine.meant("C:\\\\"));
  }

  @Test
  void threeQuotesBeginABlockThatThreeMoreEnd() {
    assertTrue(MultiLine.isOpen("\"\"\""));
    assertTrue(MultiLine.isOpen("\"\"\"\nint x;\\"));
    assertTrue(MultiLine.isOpen("\"\"\"\nint x;\n"));
    assertFalse(MultiLine.isOpen("\"\"\"\nint x;\n\"\"\""));
    assertEquals("int x;\n\n  int y;", MultiLine.meant("\"\"\"\nint x;\n\n  int y;\n\"\"\""));
  }

  @Test
  void blockMayStandInOneLineAndHaveTextAfterIt() {
    assertFalse(MultiLine.isOpen("\"\"\"a\"\"\" b"));
    assertEquals("a b", MultiLine.meant("\"\"\"a\"\"\" b"));
  }

  @Test
  void quotesWithinALineAreText() {
    assertFalse(MultiLine.isOpen("say \"\"\" now"));
    assertEquals("say \"\"\" now", MultiLine.meant("say \"\"\" now"));
  }

  @Test
  void blockThatTheInputEndsIsMeantAsItIs() {
    assertEquals("one\ntwo", MultiLine.meant("\"\"\"one\ntwo"));
    assertEquals("one", MultiLine.meant("one\\"));
  }
}
