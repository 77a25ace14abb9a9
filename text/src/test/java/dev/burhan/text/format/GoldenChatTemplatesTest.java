package dev.burhan.text.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.TemplateException;
import dev.burhan.text.support.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every case of the golden set against what transformers renders. */
class GoldenChatTemplatesTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource({
    "r1_distill, golden/chat/deepseek-ai-DeepSeek-R1-Distill-Llama-8B.jinja",
    "llama3_1_tools, golden/chat/meta-llama-Llama-3.1-8B-Instruct.jinja",
    "deepseek_v3, golden/tokenizers/deepseek_v3/tokenizer_config.json",
    "qwen2_5, golden/tokenizers/qwen2_5/tokenizer_config.json",
    "qwen3, golden/tokenizers/qwen3/tokenizer_config.json",
    "llama3_1, golden/tokenizers/llama3_1/tokenizer_config.json"
  })
  void everyCaseRendersAsTheReference(String name, String file) throws IOException {
    var golden = TestFiles.map(TestFiles.json(TestFiles.golden("chat/chat_templates.json")));
    var expected = TestFiles.map(TestFiles.map(golden.get("templates")).get(name));
    ChatFormat format = format(TestFiles.cached(file), expected);
    List<Map<String, Object>> cases = TestFiles.maps(expected.get("cases"));
    assertFalse(cases.isEmpty());
    for (Map<String, Object> one : cases) {
      check(format, one, expected);
    }
  }

  private static void check(
      ChatFormat format, Map<String, Object> one, Map<String, Object> expected) {
    var options = new LinkedHashMap<String, Object>(TestFiles.map(one.get("options")));
    options.put("bos_token", expected.get("bos_token"));
    options.put("eos_token", expected.get("eos_token"));
    List<Map<String, Object>> tools = TestFiles.maps(options.remove("tools"));
    var prompt = new ChatPrompt(TestFiles.maps(one.get("messages")), tools, options);
    String where = one.get("name") + " " + options;
    if (one.containsKey("error")) {
      var error = assertThrows(TemplateException.class, () -> format.render(prompt), where);
      assertEquals(one.get("error"), "TemplateError: " + error.getMessage(), where);
    } else {
      assertEquals(one.get("rendered"), format.render(prompt), where);
    }
  }

  /**
   * A template in a file of its own reaches the format as in newer checkpoints, one in the
   * configuration as in older.
   */
  private ChatFormat format(Path file, Map<String, Object> expected) throws IOException {
    boolean own = file.toString().endsWith(".jinja");
    Files.copy(file, temporary.resolve(own ? "chat_template.jinja" : "tokenizer_config.json"));
    Files.writeString(temporary.resolve("config.json"), "{}");
    try (Checkpoint checkpoint = TestFiles.open(temporary)) {
      return new CheckpointText().chatFormat(checkpoint).orElseThrow();
    }
  }
}
