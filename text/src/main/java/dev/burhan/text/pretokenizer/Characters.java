package dev.burhan.text.pretokenizer;

/** The character classes of the pre-tokenizers' patterns, by Unicode's general category. */
public final class Characters {
  private static final int LETTER = // \p{L}
      bit(Character.UPPERCASE_LETTER)
          | bit(Character.LOWERCASE_LETTER)
          | bit(Character.TITLECASE_LETTER)
          | bit(Character.MODIFIER_LETTER)
          | bit(Character.OTHER_LETTER);
  private static final int MARK = // \p{M}
      bit(Character.NON_SPACING_MARK)
          | bit(Character.ENCLOSING_MARK)
          | bit(Character.COMBINING_SPACING_MARK);
  private static final int NUMBER = // \p{N}
      bit(Character.DECIMAL_DIGIT_NUMBER)
          | bit(Character.LETTER_NUMBER)
          | bit(Character.OTHER_NUMBER);
  private static final int PUNCTUATION_OR_SYMBOL = // [\p{P}\p{S}]
      bit(Character.CONNECTOR_PUNCTUATION)
          | bit(Character.DASH_PUNCTUATION)
          | bit(Character.START_PUNCTUATION)
          | bit(Character.END_PUNCTUATION)
          | bit(Character.OTHER_PUNCTUATION)
          | bit(Character.INITIAL_QUOTE_PUNCTUATION)
          | bit(Character.FINAL_QUOTE_PUNCTUATION)
          | bit(Character.MATH_SYMBOL)
          | bit(Character.CURRENCY_SYMBOL)
          | bit(Character.MODIFIER_SYMBOL)
          | bit(Character.OTHER_SYMBOL);

  private Characters() {}

  private static int bit(byte category) {
    return 1 << category;
  }

  private static boolean in(int categories, int point) {
    return (categories >> Character.getType(point) & 1) != 0;
  }

  static boolean isLetter(int point) {
    return point < 0x80 ? isAsciiLetter(point) : in(LETTER, point);
  }

  static boolean isLetterOrMark(int point) {
    return point < 0x80 ? isAsciiLetter(point) : in(LETTER | MARK, point);
  }

  static boolean isNumber(int point) {
    return point < 0x80 ? point >= '0' && point <= '9' : in(NUMBER, point);
  }

  static boolean isPunctuationOrSymbol(int point) {
    return in(PUNCTUATION_OR_SYMBOL, point);
  }

  static boolean isAsciiLetter(int point) {
    int lower = point | 0x20;
    return lower >= 'a' && lower <= 'z';
  }

  static boolean isAsciiPunctuation(int point) {
    return point > ' ' && point < 0x7F && !isAsciiLetter(point) && !(point >= '0' && point <= '9');
  }

  static boolean isNewline(int point) {
    return point == '\n' || point == '\r';
  }

  /**
   * Unicode's White_Space, which is what {@code \s} means to the tokenizers' regex engine; all of
   * it is in the BMP.
   */
  public static boolean isSpace(int point) {
    if (point <= ' ') {
      return point == ' ' || (point >= '\t' && point <= '\r');
    }
    return switch (point) {
      case 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
      default -> point >= 0x2000 && point <= 0x200A;
    };
  }
}
