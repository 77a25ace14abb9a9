package dev.burhan.text.bpe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.text.Tokenizer;
import dev.burhan.text.support.TinyTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodeTest {
  @TempDir Path folder;
  private Tokenizer tokenizer;

  @BeforeEach
  void open() {
    tokenizer = TinyTokenizer.open(folder, TinyTokenizer.json());
  }

  @Test
  void mergesOfTheLowestRankComeFirst() {
    assertArrayEquals(new int[] {TinyTokenizer.HELLO}, tokenizer.encode("hello", false));
    // "l l" ranks before "l o"
    assertArrayEquals(new int[] {257, 'o'}, tokenizer.encode("llo", false));
    assertArrayEquals(new int[] {262}, tokenizer.encode("lo", false));
    assertArrayEquals(new int[] {260, 'o'}, tokenizer.encode(" wo", false));
  }

  @Test
  void mergesNeverCrossTheWordsOfThePreTokenizer() {
    assertArrayEquals(new int[] {'h', '1', 'e'}, tokenizer.encode("h1e", false));
  }

  @Test
  void theLongestAddedTokenWinsAndAPlainTextHasNone() {
    assertArrayEquals(new int[] {TinyTokenizer.END, 'i'}, tokenizer.encode("<end>i", false));
    assertArrayEquals(new int[] {TinyTokenizer.THINK}, tokenizer.encode("<end>ing", false));
    assertArrayEquals(new int[] {'<', 'e', 'n', 'd', '>'}, tokenizer.encodePlain("<end>"));
  }

  @Test
  void aSingleWordIsRecognisedWhereNoWordTouchesIt() {
    assertArrayEquals(new int[] {TinyTokenizer.WORD, '!'}, tokenizer.encode("cat!", false));
    assertArrayEquals(new int[] {'c', 'a', 't', 's'}, tokenizer.encode("cats", false));
    assertArrayEquals(new int[] {'_', 'c', 'a', 't'}, tokenizer.encode("_cat", false));
  }

  @Test
  void aTokenThatStripsTakesTheWhiteSpaceAroundIt() {
    assertArrayEquals(
        new int[] {'a', TinyTokenizer.GREEDY, 'b'}, tokenizer.encode("a \n<mask>\t b", false));
  }

  @Test
  void specialTokensAreAddedOnRequest() {
    assertArrayEquals(
        new int[] {TinyTokenizer.END, 'a', TinyTokenizer.END}, tokenizer.encode("a", true));
    assertArrayEquals(new int[] {TinyTokenizer.END, TinyTokenizer.END}, tokenizer.encode("", true));
    assertArrayEquals(new int[0], tokenizer.encode("", false));
  }

  @Test
  void textIsNormalisedButAddedTokensAreFoundBefore() {
    assertArrayEquals(
        new int[] {0xC3, 0xA9, TinyTokenizer.END}, tokenizer.encode("e\u0301<end>", false));
  }

  @Test
  void halfASurrogatePairBecomesTheReplacementCharacter() {
    assertEquals("a\uFFFDb", tokenizer.decode(tokenizer.encode("a\uD800b", false), false));
    assertEquals("\uFFFD", tokenizer.decode(tokenizer.encode("\uD83D", false), false));
  }

  /** Short words are merged by a scan and long ones with a heap: both against the definition. */
  @Test
  void shortAndLongWordsMergeAsDefined() {
    var random = new Random(3);
    for (int round = 0; round < 3_000; round++) {
      var word = new StringBuilder();
      int length = 1 + random.nextInt(120);
      for (int i = 0; i < length; i++) {
        word.append("hello".charAt(random.nextInt(5)));
      }
      assertArrayEquals(
          byDefinition(word.toString()), tokenizer.encode(word.toString(), false), word.toString());
    }
  }

  private static int[] byDefinition(String word) {
    var symbols = new ArrayList<String>(List.of(word.split("")));
    for (boolean merged = true; merged; ) {
      merged = false;
      for (String[] merge :
          List.of(
              pair("h", "e"),
              pair("l", "l"),
              pair("he", "ll"),
              pair("hell", "o"),
              pair("l", "o"))) {
        int at = indexOf(symbols, merge);
        if (at >= 0) {
          symbols.set(at, merge[0] + merge[1]);
          symbols.remove(at + 1);
          merged = true;
          break; // back to the best rank
        }
      }
    }
    return symbols.stream()
        .mapToInt(
            s ->
                switch (s) {
                  case "he" -> 256;
                  case "ll" -> 257;
                  case "hell" -> 258;
                  case "hello" -> TinyTokenizer.HELLO;
                  case "lo" -> 262;
                  default -> s.charAt(0);
                })
        .toArray();
  }

  private static String[] pair(String left, String right) {
    return new String[] {left, right};
  }

  private static int indexOf(List<String> symbols, String[] merge) {
    for (int i = 0; i + 1 < symbols.size(); i++) {
      if (symbols.get(i).equals(merge[0]) && symbols.get(i + 1).equals(merge[1])) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void aMegabyteWithoutAPlaceToCutIsEncoded() {
    for (String unit : List.of("a", " ", "hello", "\n", "!", "7", "\u4E2D")) {
      String text = unit.repeat(1_000_000 / unit.length());
      assertEquals(text, tokenizer.decode(tokenizer.encode(text, false), false));
    }
  }

  @Test
  void threadsShareATokenizer() throws Exception {
    List<Callable<int[]>> tasks = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String text = "hello w" + "lo".repeat(i % 7) + " he" + i % 5;
      tasks.add(() -> tokenizer.encode(text, false));
    }
    try (var pool = Executors.newFixedThreadPool(4)) {
      var results = pool.invokeAll(tasks);
      Tokenizer fresh = TinyTokenizer.open(folder, TinyTokenizer.json());
      for (int i = 0; i < tasks.size(); i++) {
        String text = "hello w" + "lo".repeat(i % 7) + " he" + i % 5;
        assertArrayEquals(fresh.encode(text, false), results.get(i).get());
      }
    }
  }

  @Test
  void aWholeWordThatIsATokenNeedsNoMergesIfTheModelIgnoresThem() {
    String json =
        TinyTokenizer.json().replace("\"ignore_merges\": false", "\"ignore_merges\": true");
    String rare = json.replace("\"lo\": 262", "\"lo\": 262, \"xyz\": 263");
    assertArrayEquals(new int[] {263}, TinyTokenizer.open(folder, rare).encode("xyz", false));
    String merging = rare.replace("\"ignore_merges\": true", "\"ignore_merges\": false");
    assertArrayEquals(
        new int[] {'x', 'y', 'z'}, TinyTokenizer.open(folder, merging).encode("xyz", false));
  }

  @Test
  void piecesAreSpeltAsInTheVocabulary() {
    assertEquals("\u0120w", tokenizer.piece(260));
    assertEquals(260, tokenizer.id("\u0120w").orElseThrow());
    assertEquals("<end>", tokenizer.piece(TinyTokenizer.END));
    assertEquals(TinyTokenizer.END, tokenizer.id("<end>").orElseThrow());
    assertArrayEquals(new byte[] {' ', 'w'}, tokenizer.bytes(260));
  }
}
