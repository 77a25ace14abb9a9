package dev.burhan.text.format;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.text.support.TinyTokenizer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DamagedTokenizerTest {
  @TempDir Path folder;

  /** What is replaced in a good file, by what, and what the error must name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"type\": \"BPE\" | \"type\": \"Unigram\" | Unigram",
        "\"vocab\": | \"vocabulary\": | model.vocab",
        "\"merges\": | \"joins\": | model.merges",
        "\"merges\": [\"h e\", | \"merges\": \"h e\", \"rest\": [ | model.merges should be a list",
        "\"h e\" | \"h  e\" | one space",
        "\"h e\" | \"he\" | entry 0",
        "\"h e\" | \"h zz\" | 'zz' is not in the vocabulary",
        "\"h e\" | \"h h\" | 'hh' is not in the vocabulary",
        "\"h e\" | 17 | entry 0",
        "[\"l\", \"l\"] | [\"l\"] | entry 1",
        "[\"l\", \"l\"] | [\"l\", \"l\", \"l\"] | entry 1",
        "[\"l\", \"l\"] | [\"l\", 1] | entry 1",
        "\"he\": 256 | \"he\": 65 | id 65 is given twice",
        "\"he\": 256 | \"he\": -1 | found -1",
        "\"he\": 256 | \"he\": 99999999999 | found 99999999999",
        "\"he\": 256 | \"he\": \"256\" | 'he' should be an integer",
        "\"he\": 256 | \"he\": 1.5 | 'he' should be an integer",
        "\"id\": 301, | \"id\": 300, | id 300 is given twice",
        "\"id\": 301, | \"id\": 256, | belongs to 'he'",
        "\"id\": 301, | \"id\": \"x\", | added_tokens[1].id",
        "\"content\": \"cat\" | \"content\": 7 | added_tokens[2].content",
        "\"special\": true}, | \"special\": \"yes\"}, | added_tokens[0].special",
        "\"type\": \"NFC\" | \"type\": \"Lowercase\" | the normalizer Lowercase is not supported",
        "\"type\": \"Digits\" | \"type\": \"Metaspace\" | the pre-tokenizer Metaspace is not supported",
        "\"type\": \"Digits\" | \"kind\": \"Digits\" | pretokenizers[0].type should be a string",
        "\"type\": \"Digits\", | \"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": {\"Regex\": \"(\"}, | can't be read",
        "\"type\": \"Digits\", | \"type\": \"Split\", \"behavior\": \"Torn\", \"pattern\": {\"Regex\": \"a\"}, | 'Torn'",
        "{\"type\": \"ByteLevel\", \"add_prefix_space\": false | {\"type\": \"Digits\", \"x\": false | not byte-level",
        "\"type\": \"TemplateProcessing\" | \"type\": \"BertProcessing\" | BertProcessing is not supported",
        "\"ids\": [300] | \"ids\": [999] | 999 is not an id",
        "\"decoder\": {\"type\": \"ByteLevel\"} | \"decoder\": {\"type\": \"WordPiece\"} | WordPiece is not supported",
        "\"unk_token\": null | \"unk_token\": \"<unk>\" | unk_token is not supported",
        "\"dropout\": null | \"byte_fallback\": true | byte_fallback",
        "\"dropout\": null | \"continuing_subword_prefix\": \"##\" | continuing_subword_prefix '##'",
        "\"model\": | \"mode\": | model.vocab"
      })
  void anErrorNamesTheFileAndWhatIsWrong(String replaced, String by, String named) {
    String json = TinyTokenizer.json();
    assertTrue(json.contains(replaced), replaced);
    String damaged = json.replace(replaced, by);
    var error = assertThrows(CheckpointException.class, () -> TinyTokenizer.open(folder, damaged));
    assertTrue(error.getMessage().contains(named), error.getMessage());
    assertTrue(error.getMessage().contains("tokenizer.json"), error.getMessage());
    assertFalse(error.getMessage().contains("\n"), error.getMessage());
  }

  @Test
  void whatIsNoJsonIsAnErrorWithItsPlace() {
    var error =
        assertThrows(
            CheckpointException.class,
            () -> TinyTokenizer.open(folder, "{\"model\": {\n\"vocab\": {a"));
    assertTrue(error.getMessage().contains("line 2"), error.getMessage());
    assertThrows(CheckpointException.class, () -> TinyTokenizer.open(folder, ""));
    assertThrows(CheckpointException.class, () -> TinyTokenizer.open(folder, "[]"));
    assertThrows(CheckpointException.class, () -> TinyTokenizer.open(folder, "null"));
  }

  @Test
  void filesCutShortOrWithChangedBytesNeverFailOtherwise() {
    String json = TinyTokenizer.json();
    var random = new Random(5);
    for (int round = 0; round < 500; round++) {
      var damaged = new StringBuilder(json);
      if (round % 3 == 0) {
        damaged.setLength(random.nextInt(json.length()));
      }
      for (int i = 0; i < 1 + round % 4 && !damaged.isEmpty(); i++) {
        damaged.setCharAt(
            random.nextInt(damaged.length()), "{}[],:\"0x \\-".charAt(random.nextInt(12)));
      }
      try {
        TinyTokenizer.open(folder, damaged.toString()).encode("hello <end> 123", true);
      } catch (CheckpointException e) {
        assertTrue(e.getMessage().contains("tokenizer.json"), e.getMessage());
      }
    }
  }

  @Test
  void aRegularExpressionTooLongOrTooDeepEndsInAnError() {
    for (String regex : new String[] {"(".repeat(4_900) + ")".repeat(4_900), "a|".repeat(9_000)}) {
      String json =
          TinyTokenizer.json()
              .replace(
                  "\"type\": \"Digits\",",
                  "\"type\": \"Split\", \"behavior\": \"Removed\", \"pattern\": {\"Regex\": \""
                      + regex
                      + "\"},");
      try {
        TinyTokenizer.open(folder, json); // the stack may be deep enough
      } catch (CheckpointException e) {
        assertTrue(e.getMessage().contains("the regular expression"), e.getMessage());
        assertTrue(e.getMessage().length() < 1_000, e.getMessage());
      }
    }
  }

  @Test
  void aDocumentInAnotherEncodingIsNoJson() {
    byte[] document = {0, 0, 0, '{', -1, -1, -1, -1};
    assertThrows(
        com.fasterxml.jackson.core.JsonProcessingException.class, () -> Json.read(document));
  }

  /**
   * Tables have an entry for every id up to the largest, so a few bytes could ask for gigabytes.
   */
  @Test
  void anIdFarBeyondTheFilesSizeIsAnError() {
    for (String other : new String[] {"\"he\": 300000", "\"he\": 9999999"}) {
      String json = TinyTokenizer.json().replace("\"he\": 256", other);
      var error = assertThrows(CheckpointException.class, () -> TinyTokenizer.open(folder, json));
      assertTrue(error.getMessage().contains("from 0 to 262143"), error.getMessage());
    }
    String added = TinyTokenizer.json().replace("\"id\": 301,", "\"id\": 300000,");
    assertThrows(CheckpointException.class, () -> TinyTokenizer.open(folder, added));
  }

  @Test
  void wordsOfTheFileDoNotBreakTheLineOfAnError() {
    for (String merge :
        new String[] {"\"a\\n zz\"", "\"\\ a\"", "\"" + "z".repeat(9_000) + " h\""}) {
      String json = TinyTokenizer.json().replace("\"h e\"", merge);
      var error = assertThrows(CheckpointException.class, () -> TinyTokenizer.open(folder, json));
      assertFalse(error.getMessage().contains("\n"), error.getMessage());
      assertTrue(error.getMessage().length() < 1_000, error.getMessage());
    }
  }
}
