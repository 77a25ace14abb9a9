package dev.burhan.text.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.Tokenizer;
import dev.burhan.text.support.MetadataCheckpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTokenizerTest {
  private static final int BEGIN = 257;
  private static final int END = 258;
  private static final int TURN = 259;
  private static final int TOOL = 260;

  /** All bytes, "hi", three control tokens and one user-defined. */
  private static Map<String, Object> metadata() {
    String[] tokens = new String[261];
    long[] types = new long[261];
    java.util.Arrays.fill(types, 1);
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
      tokens[b] = String.valueOf((char) (printable ? b : next++));
    }
    tokens[256] = "hi";
    tokens[BEGIN] = "<|begin|>";
    tokens[END] = "<|endoftext|>";
    tokens[TURN] = "<|im_end|>";
    tokens[TOOL] = "<tool_call>";
    types[BEGIN] = 3;
    types[END] = 3;
    types[TURN] = 3;
    types[TOOL] = 4;
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("tokenizer.ggml.model", "gpt2");
    metadata.put("tokenizer.ggml.pre", "qwen2");
    metadata.put("tokenizer.ggml.tokens", tokens);
    metadata.put("tokenizer.ggml.token_type", types);
    metadata.put("tokenizer.ggml.merges", new String[] {"h i"});
    metadata.put("tokenizer.ggml.bos_token_id", (long) BEGIN);
    metadata.put("tokenizer.ggml.eos_token_id", (long) END);
    return metadata;
  }

  private static Tokenizer open(Map<String, Object> metadata) {
    return new CheckpointText().tokenizer(new MetadataCheckpoint(metadata));
  }

  @Test
  void controlTokensAreSpecialAndUserDefinedOnesAreText() {
    Tokenizer tokenizer = open(metadata());
    assertArrayEquals(
        new int[] {256, TURN, TOOL}, tokenizer.encode("hi<|im_end|><tool_call>", false));
    assertTrue(tokenizer.isSpecial(TURN));
    assertFalse(tokenizer.isSpecial(TOOL));
    assertEquals("hi<tool_call>", tokenizer.decode(new int[] {256, TURN, TOOL}, true));
    assertEquals(BEGIN, tokenizer.beginOfText().orElseThrow());
  }

  @Test
  void theEndsOfGenerationAreTheDeclaredAndTheWellKnown() {
    assertEquals(Set.of(END, TURN), open(metadata()).endOfGeneration());
  }

  @Test
  void qwenNormalisesAndOthersDoNot() {
    Map<String, Object> metadata = metadata();
    assertArrayEquals(new int[] {0xC3, 0xA9}, open(metadata).encode("e\u0301", false));
    metadata.put("tokenizer.ggml.pre", "smollm");
    assertArrayEquals(new int[] {'e', 0xCC, 0x81}, open(metadata).encode("e\u0301", false));
  }

  @Test
  void beginOfTextIsAddedWhereTheFileOrTheFamilySaysSo() {
    Map<String, Object> metadata = metadata();
    assertArrayEquals(new int[] {256}, open(metadata).encode("hi", true));
    metadata.put("tokenizer.ggml.pre", "llama-bpe");
    assertArrayEquals(new int[] {BEGIN, 256}, open(metadata).encode("hi", true));
    metadata.put("tokenizer.ggml.add_bos_token", false);
    assertArrayEquals(new int[] {256}, open(metadata).encode("hi", true));
    metadata.put("tokenizer.ggml.add_bos_token", true);
    metadata.put("tokenizer.ggml.add_eos_token", true);
    assertArrayEquals(new int[] {BEGIN, 256, END}, open(metadata).encode("hi", true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "qwen2",
        "deepseek-r1-qwen",
        "llama-bpe",
        "deepseek-v3",
        "deepseek-llm",
        "deepseek-coder",
        "smollm",
        "gpt-2",
        "default"
      })
  void everySupportedPreTokenizerKeepsEveryCharacter(String pre) {
    Map<String, Object> metadata = metadata();
    metadata.put("tokenizer.ggml.pre", pre);
    String text = "It's 12345 caf\u00E9s!\r\n\n  \u4E2D\u6587 \uD83D\uDE00\t\u00BD end  ";
    Tokenizer tokenizer = open(metadata);
    assertEquals(text, tokenizer.decode(tokenizer.encode(text, false), false));
  }

  @Test
  void theTemplateMayNameSpecialTokens() {
    Map<String, Object> metadata = metadata();
    assertTrue(new CheckpointText().chatFormat(new MetadataCheckpoint(metadata)).isEmpty());
    metadata.put(
        "tokenizer.chat_template", "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}");
    var format = new CheckpointText().chatFormat(new MetadataCheckpoint(metadata)).orElseThrow();
    assertEquals("<|begin|>x<|endoftext|>", format.render(ChatPrompt.user("x")));
  }

  @Test
  void aDamagedVocabularyIsAClearError() {
    refuses("tokenizer.ggml.model", "llama", "'llama' is not supported");
    refuses("tokenizer.ggml.pre", "tekken", "'tekken' is not supported");
    refuses("tokenizer.ggml.tokens", null, "tokenizer.ggml.tokens");
    refuses("tokenizer.ggml.tokens", 5L, "tokenizer.ggml.tokens");
    refuses("tokenizer.ggml.merges", null, "tokenizer.ggml.merges");
    refuses("tokenizer.ggml.merges", new String[] {"h i", "hi"}, "entry 1");
    refuses("tokenizer.ggml.merges", new String[] {"h q"}, "'hq' is not in the vocabulary");
    refuses("tokenizer.ggml.merges", new String[] {""}, "entry 0");
    refuses("tokenizer.ggml.merges", new String[] {" "}, "entry 0");
    refuses("tokenizer.ggml.token_type", new long[] {1, 2}, "2 entries for 261 tokens");
    refuses("tokenizer.ggml.eos_token_id", 261L, "is 261");
    refuses("tokenizer.ggml.bos_token_id", -1L, "tokenizer.ggml.bos_token_id");
    Map<String, Object> metadata = metadata();
    metadata.put("tokenizer.ggml.add_bos_token", true);
    metadata.remove("tokenizer.ggml.bos_token_id");
    assertThrows(CheckpointException.class, () -> open(metadata));
  }

  private static void refuses(String key, Object value, String named) {
    Map<String, Object> metadata = metadata();
    if (value == null) {
      metadata.remove(key);
    } else {
      metadata.put(key, value);
    }
    var error = assertThrows(CheckpointException.class, () -> open(metadata), key);
    assertTrue(error.getMessage().contains(named), error.getMessage());
    assertTrue(error.getMessage().contains("test.gguf"), error.getMessage());
  }

  @Test
  void onlyByteLevelVocabulariesAreSupported() {
    assertTrue(new CheckpointText().supports(new MetadataCheckpoint(metadata())));
    assertFalse(
        new CheckpointText()
            .supports(new MetadataCheckpoint(Map.of("tokenizer.ggml.model", "llama"))));
    assertFalse(new CheckpointText().supports(new MetadataCheckpoint(Map.of())));
    assertEquals(List.of(), List.copyOf(new MetadataCheckpoint(Map.of()).files()));
  }
}
