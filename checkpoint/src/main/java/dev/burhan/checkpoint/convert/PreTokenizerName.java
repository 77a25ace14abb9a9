package dev.burhan.checkpoint.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What GGUF calls the way in which a tokenizer.json cuts texts into words: told from its patterns,
 * as GGUF has only names for it.
 */
final class PreTokenizerName {
  private static final String DIGITS = "digits one by one";
  private static final String GPT_2 = "GPT-2's pattern";
  private static final String LAST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String FIRST = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final List<String> QWEN_2 = List.of(FIRST + "\\p{N}" + LAST);
  private static final List<String> LLAMA_3 = List.of(FIRST + "\\p{N}{1,3}" + LAST);
  private static final List<String> DEEPSEEK_V3 =
      List.of(
          "\\p{N}{1,3}",
          "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
          "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
              + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
              + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

  private PreTokenizerName() {}

  /**
   * The name.
   *
   * @param tokenizer the whole tokenizer.json
   */
  static Optional<String> of(Map<?, ?> tokenizer) {
    List<String> steps = new ArrayList<>();
    collect(tokenizer.get("pre_tokenizer"), steps);
    boolean wholeWordsFirst = Boolean.TRUE.equals(JsonTree.at(tokenizer, "model", "ignore_merges"));
    if (steps.equals(QWEN_2)) {
      return Optional.of("qwen2");
    }
    if (steps.equals(LLAMA_3)) {
      return Optional.of(wholeWordsFirst ? "llama-bpe" : "dbrx");
    }
    if (steps.equals(DEEPSEEK_V3)) {
      return Optional.of("deepseek-v3");
    }
    if (steps.equals(List.of(DIGITS, GPT_2))) {
      return Optional.of("smollm");
    }
    return steps.equals(List.of(GPT_2)) ? Optional.of("gpt-2") : Optional.empty();
  }

  private static void collect(Object step, List<String> steps) {
    Map<?, ?> object = JsonTree.object(step);
    switch (String.valueOf(object.get("type"))) {
      case "Sequence" ->
          JsonTree.list(object.get("pretokenizers")).forEach(one -> collect(one, steps));
      case "Split" ->
          steps.add(
              String.valueOf(JsonTree.at(object, "pattern", "Regex"))
                  .replace("\r", "\\r")
                  .replace("\n", "\\n"));
      case "ByteLevel" -> {
        if (!Boolean.FALSE.equals(object.get("use_regex"))) {
          steps.add(GPT_2);
        }
      }
      case "Digits" -> steps.add(object.get("individual_digits") == Boolean.TRUE ? DIGITS : "?");
      default -> steps.add("?");
    }
  }
}
