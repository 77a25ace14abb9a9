package dev.burhan.text.pretokenizer;

/** Cuts out runs of a class of characters, each run or each few characters of it on its own. */
final class RunSplitter extends Scanner {

  /** A class of characters. */
  enum Of {
    /** {@code \p{N}}. */
    NUMBERS,
    /**
     * {@code [\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]}: Chinese characters, hiragana, katakana.
     */
    CHINESE_AND_JAPANESE;

    boolean has(int c) {
      return switch (this) {
        case NUMBERS -> Characters.isNumber(c);
        case CHINESE_AND_JAPANESE -> (c >= 0x4E00 && c <= 0x9FA5) || (c >= 0x3040 && c <= 0x30FF);
      };
    }
  }

  static final String NUMBER = "\\p{N}";
  static final String UP_TO_THREE_NUMBERS = "\\p{N}{1,3}";
  static final String NUMBERS = "\\p{N}+";
  static final String CHINESE_AND_JAPANESE = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+";

  private final Of what;
  private final int longest;

  RunSplitter(Of what, int longest) {
    this.what = what;
    this.longest = longest;
  }

  @Override
  int match(String text, int at, int to) {
    for (int n = 0; n < longest && at < to; n++) {
      int c = point(text, at, to);
      if (!what.has(c)) {
        break;
      }
      at += Character.charCount(c);
    }
    return at;
  }
}
