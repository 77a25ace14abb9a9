package dev.burhan.text.pretokenizer;

/**
 * The main pattern of DeepSeek V3 and R1, applied after numbers and Chinese and Japanese have been
 * cut out:
 *
 * <pre>{@code
 * [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*
 * |\s*[\r\n]+|\s+(?!\S)|\s+
 * }</pre>
 */
final class DeepSeekSplitter extends Scanner {
  static final String PATTERN =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
          + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

  @Override
  int match(String text, int at, int to) {
    int c = point(text, at, to);
    int second = at + Character.charCount(c);
    if (Characters.isAsciiPunctuation(c)
        && second < to
        && Characters.isAsciiLetter(text.charAt(second))) {
      int end = second + 1;
      while (end < to && Characters.isAsciiLetter(text.charAt(end))) {
        end++;
      }
      return end;
    }
    boolean marked = Characters.isPunctuationOrSymbol(c);
    if (marked) {
      return marks(text, at, to);
    }
    if (Characters.isLetterOrMark(c)) {
      return lettersAndMarks(text, at, to);
    }
    if (!Characters.isNewline(c)) {
      int end = lettersAndMarks(text, second, to);
      if (end > second) {
        return end;
      }
    }
    if (c == ' ' && second < to && Characters.isPunctuationOrSymbol(point(text, second, to))) {
      return marks(text, second, to);
    }
    return Characters.isSpace(c) ? lineEndsOrSpaces(text, at, to) : at;
  }

  private static int lettersAndMarks(String text, int at, int to) {
    while (at < to) {
      int c = point(text, at, to);
      if (!Characters.isLetterOrMark(c)) {
        break;
      }
      at += Character.charCount(c);
    }
    return at;
  }

  private static int marks(String text, int at, int to) {
    while (at < to) {
      int c = point(text, at, to);
      if (!Characters.isPunctuationOrSymbol(c)) {
        break;
      }
      at += Character.charCount(c);
    }
    return newlines(text, at, to);
  }
}
