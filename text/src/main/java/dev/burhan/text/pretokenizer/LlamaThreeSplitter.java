package dev.burhan.text.pretokenizer;

/**
 * The pattern of Llama 3 (numbers by three digits) and of Qwen 2 and 3 (by one):
 *
 * <pre>{@code
 * (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * }</pre>
 */
final class LlamaThreeSplitter extends Scanner {
  private static final String BEFORE_NUMBERS =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String AFTER_NUMBERS =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String PATTERN = BEFORE_NUMBERS + "\\p{N}{1,3}" + AFTER_NUMBERS;
  static final String QWEN_PATTERN = BEFORE_NUMBERS + "\\p{N}" + AFTER_NUMBERS;

  private final int digits;

  /**
   * Makes the scanner.
   *
   * @param digits how many characters of a number are one part
   */
  LlamaThreeSplitter(int digits) {
    this.digits = digits;
  }

  @Override
  int match(String text, int at, int to) {
    int end = contraction(text, at, to, true);
    if (end > at) {
      return end;
    }
    int c = point(text, at, to);
    if (Characters.isLetter(c)) {
      return letters(text, at, to);
    }
    if (Characters.isNumber(c)) {
      return numbers(text, at, to);
    }
    int second = at + Character.charCount(c);
    if (!Characters.isNewline(c)) {
      end = letters(text, second, to);
      if (end > second) {
        return end;
      }
    }
    if (!Characters.isSpace(c)) {
      return others(text, at, to);
    }
    if (c == ' ' && second < to && GptTwoSplitter.isOther(point(text, second, to))) {
      return others(text, second, to);
    }
    return lineEndsOrSpaces(text, at, to);
  }

  private int numbers(String text, int at, int to) {
    for (int n = 0; n < digits && at < to; n++) {
      int c = point(text, at, to);
      if (!Characters.isNumber(c)) {
        break;
      }
      at += Character.charCount(c);
    }
    return at;
  }

  private static int others(String text, int at, int to) {
    while (at < to) {
      int c = point(text, at, to);
      if (!GptTwoSplitter.isOther(c)) {
        break;
      }
      at += Character.charCount(c);
    }
    return newlines(text, at, to);
  }
}
