package dev.burhan.text.pretokenizer;

/**
 * A pattern of alternatives, written out by hand: linear in time and constant in stack whatever the
 * text, where java.util.regex would need care with both. What no alternative matches is a part of
 * its own between the matches.
 */
abstract class Scanner implements Splitter {

  /** The end of the match that begins at {@code at}; {@code at} itself if none does. */
  abstract int match(String text, int at, int to);

  @Override
  public final void split(String text, int from, int to, Parts out) {
    int gap = from;
    int at = from;
    while (at < to) {
      int end = match(text, at, to);
      if (end == at) {
        at += width(text, at, to);
        continue;
      }
      if (gap < at) {
        out.part(text, gap, at);
      }
      out.part(text, at, end);
      at = end;
      gap = end;
    }
    if (gap < to) {
      out.part(text, gap, to);
    }
  }

  /**
   * A character that never reaches beyond the part: half a pair at its end counts as a character.
   */
  static int point(String text, int at, int to) {
    char c = text.charAt(at);
    return Character.isHighSurrogate(c)
            && at + 1 < to
            && Character.isLowSurrogate(text.charAt(at + 1))
        ? Character.toCodePoint(c, text.charAt(at + 1))
        : c;
  }

  static int width(String text, int at, int to) {
    return Character.charCount(point(text, at, to));
  }

  static int letters(String text, int at, int to) {
    while (at < to) {
      int c = point(text, at, to);
      if (!Characters.isLetter(c)) {
        break;
      }
      at += Character.charCount(c);
    }
    return at;
  }

  static int newlines(String text, int at, int to) {
    while (at < to && Characters.isNewline(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** {@code \s+(?!\S)|\s+}: white space up to the last before something else, or that one. */
  static int spaces(String text, int at, int to) {
    int end = spaceRun(text, at, to);
    return end == to || end - at <= 1 ? end : end - 1;
  }

  /**
   * {@code \s*[\r\n]+|\s+(?!\S)|\s+}: white space up to its last line end, else as {@link #spaces}.
   */
  static int lineEndsOrSpaces(String text, int at, int to) {
    int end = spaceRun(text, at, to);
    for (int i = end; i > at; i--) {
      if (Characters.isNewline(text.charAt(i - 1))) {
        return i;
      }
    }
    return end == to || end - at <= 1 ? end : end - 1;
  }

  private static int spaceRun(String text, int at, int to) {
    while (at < to && Characters.isSpace(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /**
   * {@code 's|'t|'re|'ve|'m|'ll|'d}, either in any case or in lower case only; {@code at} if none
   * matches.
   */
  static int contraction(String text, int at, int to, boolean anyCase) {
    if (at + 1 >= to || text.charAt(at) != '\'') {
      return at;
    }
    char first = fold(text.charAt(at + 1), anyCase);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return at + 2;
    }
    if (at + 2 >= to) {
      return at;
    }
    char second = fold(text.charAt(at + 2), anyCase);
    boolean pair = second == 'e' ? first == 'r' || first == 'v' : second == 'l' && first == 'l';
    return pair ? at + 3 : at;
  }

  private static char fold(char c, boolean anyCase) {
    if (!anyCase) {
      return c;
    }
    if (c == '\u017F') {
      return 's'; // the long s is an s to a regex that ignores case by Unicode
    }
    return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
  }
}
