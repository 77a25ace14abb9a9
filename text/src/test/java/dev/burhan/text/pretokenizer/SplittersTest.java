package dev.burhan.text.pretokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.provider.BurhanException;
import dev.burhan.text.pretokenizer.RegexSplitter.Behaviour;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplittersTest {
  private static final String[] PIECES = {
    "a",
    "Z",
    "the",
    "\u00E9",
    "\u4E2D",
    "\u3042",
    "\u0939\u093F",
    "\u0301",
    "\uD835\uDD73",
    "1",
    "23",
    "\u0663",
    "\u00BD",
    "\u2167",
    " ",
    "  ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\u00A0",
    "\u3000",
    "\u2028",
    "\u0085",
    "\u000B",
    "\u001C",
    "\u200B",
    "'",
    "'s",
    "'RE",
    "'\u017F",
    "'ll",
    "'l",
    "!",
    "...",
    "-",
    "_",
    "\u2026",
    "\uFF01",
    "$",
    "+",
    "\u20AC",
    "\uD83D\uDE00",
    "\u0000",
    "\u007F",
    "\uE000",
    "\uD83D",
    "\uDE00"
  };

  static Stream<String> knownPatterns() {
    return Stream.of(
        GptTwoSplitter.PATTERN,
        LlamaThreeSplitter.PATTERN,
        LlamaThreeSplitter.QWEN_PATTERN,
        DeepSeekSplitter.PATTERN,
        RunSplitter.NUMBER,
        RunSplitter.UP_TO_THREE_NUMBERS,
        RunSplitter.NUMBERS,
        RunSplitter.CHINESE_AND_JAPANESE);
  }

  @ParameterizedTest
  @MethodSource("knownPatterns")
  void theScannerCutsWhereItsPatternDoes(String pattern) {
    Splitter scanner = PreTokenizer.pattern(pattern, "Isolated", false);
    assertTrue(scanner instanceof Scanner, pattern);
    Splitter regex = RegexSplitter.of(pattern, Behaviour.ISOLATED, false);
    var random = new Random(4);
    for (int round = 0; round < 20_000; round++) {
      var text = new StringBuilder();
      int length = 1 + random.nextInt(10);
      for (int i = 0; i < length; i++) {
        text.append(PIECES[random.nextInt(PIECES.length)]);
      }
      assertEquals(parts(regex, text.toString()), parts(scanner, text.toString()));
    }
  }

  @ParameterizedTest
  @MethodSource("knownPatterns")
  void aMegabyteOfAnythingNeedsNoStack(String pattern) {
    Splitter scanner = PreTokenizer.pattern(pattern, "Isolated", false);
    Splitter regex = RegexSplitter.of(pattern, Behaviour.ISOLATED, false);
    for (String unit : List.of(" ", "a", "\n", "!", "1", "\u4E2D", " \n", "a ")) {
      String text = unit.repeat(1_000_000 / unit.length());
      assertEquals(text.length(), parts(scanner, text).stream().mapToInt(String::length).sum());
      assertEquals(text.length(), parts(regex, text).stream().mapToInt(String::length).sum());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a+)+b", "(a|aa)+b", "(?:a|b)*c"})
  void aPatternThatBacktracksWithoutEndIsAClearError(String pattern) {
    Splitter splitter = PreTokenizer.pattern(pattern, "Isolated", false);
    var error = assertThrows(BurhanException.class, () -> parts(splitter, "a".repeat(100_000)));
    assertTrue(error.getMessage().contains(pattern), error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[[:alpha:]]+", "\\h+", "\\X", "a{1,2}+", "(?~x)", "\\K", "(", "[a"})
  void whatJavaWouldReadOtherwiseIsRefused(String pattern) {
    assertThrows(
        IllegalArgumentException.class, () -> PreTokenizer.pattern(pattern, "Isolated", false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\\\h", "a{1,2}", "[^\\r\\n\\p{L}]?+\\p{L}+", "\\p{N}{1,3}"})
  void whatBothReadAlikeIsNot(String pattern) {
    PreTokenizer.pattern(pattern, "Isolated", false);
  }

  @Test
  void everyBehaviourCutsAsInTheTokenizersLibrary() {
    String text = "the-final--countdown";
    assertEquals(
        List.of("the", "-", "final", "-", "-", "countdown"), parts(hyphen("Isolated"), text));
    assertEquals(List.of("the", "final", "countdown"), parts(hyphen("Removed"), text));
    assertEquals(
        List.of("the-", "final-", "-", "countdown"), parts(hyphen("MergedWithPrevious"), text));
    assertEquals(
        List.of("the", "-final", "-", "-countdown"), parts(hyphen("MergedWithNext"), text));
    assertEquals(
        List.of("the", "-", "final", "--", "countdown"), parts(hyphen("Contiguous"), text));
    assertEquals(List.of("-", "-", "-"), parts(PreTokenizer.literal("-", "Removed", true), text));
    assertThrows(IllegalArgumentException.class, () -> hyphen("Torn"));
  }

  private static Splitter hyphen(String behaviour) {
    return PreTokenizer.literal("-", behaviour, false);
  }

  @Test
  void aStepSeesNothingBeyondItsPart() {
    // after the number is cut out, the blank before it is at the end of its part and stays whole
    var words = new ArrayList<String>();
    var steps = List.of(PreTokenizer.digits(true), PreTokenizer.gptTwo());
    new PreTokenizer(steps)
        .into((text, from, to) -> words.add(text.substring(from, to)))
        .part("a   12", 0, 6);
    assertEquals(List.of("a", "   ", "1", "2"), words);
  }

  @Test
  void aSpaceIsPutBeforeAPartWithoutOne() {
    assertEquals(List.of(" a"), parts(PreTokenizer.spaceBefore(), "a"));
    assertEquals(List.of(" a"), parts(PreTokenizer.spaceBefore(), " a"));
  }

  private static List<String> parts(Splitter splitter, String text) {
    var parts = new ArrayList<String>();
    splitter.split(text, 0, text.length(), (t, from, to) -> parts.add(t.substring(from, to)));
    return parts;
  }
}
