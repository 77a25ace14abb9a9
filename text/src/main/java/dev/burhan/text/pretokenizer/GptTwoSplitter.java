package dev.burhan.text.pretokenizer;

/**
 * GPT-2's pattern, which byte-level pre-tokenizers use by themselves:
 *
 * <pre>{@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}</pre>
 */
final class GptTwoSplitter extends Scanner {
  static final String PATTERN =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  @Override
  int match(String text, int at, int to) {
    int end = contraction(text, at, to, false);
    if (end > at) {
      return end;
    }
    int begin = text.charAt(at) == ' ' && at + 1 < to ? at + 1 : at;
    int c = point(text, begin, to);
    if (Characters.isSpace(c)) {
      return spaces(text, at, to);
    }
    if (Characters.isLetter(c)) {
      return letters(text, begin, to);
    }
    boolean number = Characters.isNumber(c);
    end = begin;
    while (end < to) {
      c = point(text, end, to);
      boolean same = number ? Characters.isNumber(c) : isOther(c);
      if (!same) {
        break;
      }
      end += Character.charCount(c);
    }
    return end;
  }

  static boolean isOther(int c) {
    return !Characters.isSpace(c) && !Characters.isLetter(c) && !Characters.isNumber(c);
  }
}
