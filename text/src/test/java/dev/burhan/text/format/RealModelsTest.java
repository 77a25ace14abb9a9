package dev.burhan.text.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.gguf.GgufFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.Tokenizer;
import dev.burhan.text.support.TestFiles;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tokenizers and templates in the metadata of the two GGUF models that the whole project is
 * tested with.
 */
class RealModelsTest {

  @ParameterizedTest
  @CsvSource({
    "smollm2-135m-q4_1, models/smollm2/SmolLM2-135M-Instruct-Q4_1.gguf",
    "qwen2.5-coder-0.5b-q4_k_m, models/qwen2.5-coder-0.5b/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
  })
  void textsHaveTheIdsThatTheReferenceRanOn(String name, String model) {
    var texts =
        (List<?>)
            TestFiles.map(TestFiles.json(TestFiles.golden("real/" + name + ".json"))).get("texts");
    try (Checkpoint checkpoint = new GgufFormat().open(TestFiles.cached(model));
        Checkpoint golden = TestFiles.open(TestFiles.golden("real/" + name + ".safetensors"))) {
      Tokenizer tokenizer = new CheckpointText().tokenizer(checkpoint);
      for (int i = 0; i < texts.size(); i++) {
        int[] ids = ids(golden.data("text" + i + ".ids"));
        assertArrayEquals(ids, tokenizer.encode((String) texts.get(i), false), name + " text " + i);
        assertEquals(texts.get(i), tokenizer.decode(ids, false));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "models/smollm2/SmolLM2-135M-Instruct-Q4_1.gguf",
    "models/qwen2.5-coder-0.5b/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
  })
  void aRenderedTurnIsMadeOfSpecialTokensAndEndsWithOneThatEndsGeneration(String model) {
    try (Checkpoint checkpoint = new GgufFormat().open(TestFiles.cached(model))) {
      var text = new CheckpointText();
      assertTrue(text.supports(checkpoint));
      Tokenizer tokenizer = text.tokenizer(checkpoint);
      String prompt = text.chatFormat(checkpoint).orElseThrow().render(ChatPrompt.user("Hi"));
      assertTrue(
          prompt.endsWith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"), prompt);
      int end = tokenizer.id("<|im_end|>").orElseThrow();
      assertTrue(tokenizer.endOfGeneration().contains(end));
      assertTrue(tokenizer.isSpecial(end));
      assertTrue(
          java.util.Arrays.stream(tokenizer.encode(prompt, false)).anyMatch(id -> id == end));
      assertTrue(java.util.Arrays.stream(tokenizer.encodePlain(prompt)).noneMatch(id -> id == end));
    }
  }

  private static int[] ids(MemorySegment data) {
    var layout = ValueLayout.JAVA_LONG_UNALIGNED;
    int[] ids = new int[(int) (data.byteSize() / layout.byteSize())];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) data.get(layout, i * layout.byteSize());
    }
    return ids;
  }
}
