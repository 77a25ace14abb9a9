package dev.burhan.text.format;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.text.pretokenizer.PreTokenizer;
import dev.burhan.text.pretokenizer.Splitter;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code tokenizer.ggml.pre} stands for. GGUF names the family's pre-tokenizer only; what it
 * does, whether texts are normalised and whether whole words come first, is what the family's own
 * tokenizer.json says.
 *
 * @param splitter cuts into words
 * @param forms normalisations, in order
 * @param wholeWordsFirst a word that is a token is taken as it is
 * @param addsBegin whether begin-of-text is added where the file does not say so
 */
record GgufPreTokenizer(
    PreTokenizer splitter,
    List<Normalizer.Form> forms,
    boolean wholeWordsFirst,
    boolean addsBegin) {
  private static final String KEY = "tokenizer.ggml.pre";

  private static final String GPT_2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String LLAMA_3 = llamaThree("\\p{N}{1,3}");
  private static final String QWEN_2 = llamaThree("\\p{N}");
  private static final String[] DEEPSEEK_V3 = {
    "\\p{N}{1,3}",
    "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
        + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
  };
  private static final String OLDER_DEEPSEEK_CHINESE = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+";
  private static final String[] DEEPSEEK_CODER = {
    "[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", OLDER_DEEPSEEK_CHINESE, "\\p{N}"
  };
  private static final String[] DEEPSEEK_LLM = {
    "[\r\n]",
    "\\s?[" + CasedLetters.RANGES + "]+",
    "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
    "\\s+$",
    OLDER_DEEPSEEK_CHINESE,
    "\\p{N}+"
  };
  private static final String[] OLDEST = {
    "[\\p{P}\\$\\+<=>\\^~\\|]+", GPT_2, "\\p{N}+", "[0-9][0-9][0-9]"
  };

  private static String llamaThree(String numbers) {
    return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
        + numbers
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  static GgufPreTokenizer of(Metadata metadata) {
    String name = metadata.string(KEY, "default");
    return switch (name) {
      case "qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan" -> qwen();
      case "llama3", "llama-v3", "llama-bpe", "falcon3", "pixtral" ->
          new GgufPreTokenizer(steps(LLAMA_3), List.of(), true, true);
      case "dbrx", "smaug-bpe", "chatglm-bpe", "glm4" -> plain(LLAMA_3);
      case "deepseek-v3" -> plain(DEEPSEEK_V3);
      case "deepseek-llm" -> plain(DEEPSEEK_LLM);
      case "deepseek-coder" -> plain(DEEPSEEK_CODER);
      case "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone" ->
          plain("\\p{N}", GPT_2);
      case "gpt-2", "phi-2", "olmo", "jais", "mpt", "trillion" -> plain(GPT_2);
      case "default" -> plain(OLDEST);
      default ->
          throw new CheckpointException(
              Json.oneLine(
                  metadata.origin()
                      + ": key '"
                      + KEY
                      + "': the pre-tokenizer '"
                      + name
                      + "' is not supported"));
    };
  }

  /** The Qwen family's tokenizer.json normalises to NFC. */
  private static GgufPreTokenizer qwen() {
    return new GgufPreTokenizer(steps(QWEN_2), List.of(Normalizer.Form.NFC), false, false);
  }

  private static GgufPreTokenizer plain(String... patterns) {
    return new GgufPreTokenizer(steps(patterns), List.of(), false, false);
  }

  private static PreTokenizer steps(String... patterns) {
    var steps = new ArrayList<Splitter>();
    for (String pattern : patterns) {
      steps.add(PreTokenizer.pattern(pattern, "Isolated", false));
    }
    return new PreTokenizer(steps);
  }
}
