package dev.burhan.text.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.text.Tokenizer;
import dev.burhan.text.support.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every string of the golden set against the tokenizers library's answers. */
class GoldenTokenizersTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3", "deepseek_r1_patched", "llama3_1", "qwen2_5", "qwen3"})
  void everyStringHasTheReferencesIds(String name) throws IOException {
    var golden = TestFiles.map(TestFiles.json(TestFiles.golden("tokenizers/tokenizers.json")));
    var strings = TestFiles.maps(golden.get("strings"));
    var rows =
        TestFiles.maps(
            TestFiles.map(TestFiles.map(golden.get("tokenizers")).get(name)).get("rows"));
    assertEquals(strings.size(), rows.size());
    Tokenizer tokenizer = tokenizer(name);
    for (int i = 0; i < rows.size(); i++) {
      check(tokenizer, (String) strings.get(i).get("text"), rows.get(i), name + " " + i);
    }
  }

  private static void check(
      Tokenizer tokenizer, String text, Map<String, Object> row, String where) {
    int[] ids = TestFiles.ints(row.get("ids"));
    int[] withSpecial =
        row.containsKey("ids_with_special") ? TestFiles.ints(row.get("ids_with_special")) : ids;
    assertArrayEquals(ids, tokenizer.encode(text, false), where);
    assertArrayEquals(withSpecial, tokenizer.encode(text, true), where);
    assertEquals(row.get("decoded"), tokenizer.decode(ids, false), where);
    assertEquals(row.get("decoded_skip_special"), tokenizer.decode(ids, true), where);
  }

  private Tokenizer tokenizer(String name) throws IOException {
    if (!name.equals("deepseek_r1_patched")) {
      return open(TestFiles.cached("golden/tokenizers/" + name));
    }
    patch(TestFiles.cached("golden/tokenizers/deepseek_v3"));
    return open(temporary);
  }

  /**
   * DeepSeek V3's file has place holders where R1 has its think tokens, which are ordinary added
   * tokens there.
   */
  private void patch(Path original) throws IOException {
    String json = Files.readString(original.resolve("tokenizer.json"));
    json = rename(json, 128798, "<think>");
    json = rename(json, 128799, "</think>");
    Files.writeString(temporary.resolve("tokenizer.json"), json);
  }

  private static String rename(String json, int id, String name) {
    int from = json.indexOf("\"id\": " + id + ",");
    int to = json.indexOf('}', from);
    String entry =
        json.substring(from, to)
            .replaceFirst("\"content\": \"[^\"]*\"", "\"content\": \"" + name + "\"")
            .replace("\"special\": true", "\"special\": false");
    assertTrue(from > 0 && entry.contains(name) && entry.contains("\"special\": false"), entry);
    return json.substring(0, from) + entry + json.substring(to);
  }

  private static Tokenizer open(Path folder) {
    try (Checkpoint checkpoint = TestFiles.open(folder)) {
      return new CheckpointText().tokenizer(checkpoint);
    }
  }
}
