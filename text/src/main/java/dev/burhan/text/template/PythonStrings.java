package dev.burhan.text.template;

/** Python's idea of white space and of a string's characters, where Java's is another. */
final class PythonStrings {
  private PythonStrings() {}

  /** What {@code str.isspace} accepts and {@code str.strip} removes. */
  static boolean isSpace(char c) {
    if (c <= ' ') {
      return c == ' ' || (c >= '\t' && c <= '\r') || c >= 0x1C;
    }
    return switch (c) {
      case 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
      default -> c >= 0x2000 && c <= 0x200A;
    };
  }

  static boolean isBlank(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (!isSpace(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  static String stripLeft(String text) {
    int from = 0;
    while (from < text.length() && isSpace(text.charAt(from))) {
      from++;
    }
    return text.substring(from);
  }

  static String stripRight(String text) {
    int to = text.length();
    while (to > 0 && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(0, to);
  }

  /** Strips any of the characters of a set, or white space if there is no set. */
  static String strip(String text, String set, boolean left, boolean right) {
    if (set == null) {
      String stripped = left ? stripLeft(text) : text;
      return right ? stripRight(stripped) : stripped;
    }
    int from = 0;
    int to = text.length();
    while (left && from < to && set.indexOf(text.codePointAt(from)) >= 0) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (right && to > from && set.indexOf(text.codePointBefore(to)) >= 0) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return text.substring(from, to);
  }

  private static final int SHORT_PART = 16;
  private static final long SHORT_SEARCH = 1 << 20;

  /**
   * Where a part begins at or behind a place, else -1. {@link String#indexOf} takes the product of
   * both lengths for texts made to be searched; those are searched by Knuth, Morris and Pratt.
   */
  static int indexOf(String text, String part, int from, Budget budget) {
    int m = part.length();
    if (m <= SHORT_PART || (long) (text.length() - from) * m <= SHORT_SEARCH) {
      int found = text.indexOf(part, from);
      budget.look((found < 0 ? text.length() : found) - from);
      return found;
    }
    budget.make(m);
    budget.look((long) text.length() - from);
    int[] border = new int[m]; // of each prefix, the longest that also ends it
    for (int i = 1, k = 0; i < m; i++) {
      while (k > 0 && part.charAt(i) != part.charAt(k)) {
        k = border[k - 1];
      }
      k += part.charAt(i) == part.charAt(k) ? 1 : 0;
      border[i] = k;
    }
    for (int i = from, k = 0; i < text.length(); i++) {
      while (k > 0 && text.charAt(i) != part.charAt(k)) {
        k = border[k - 1];
      }
      k += text.charAt(i) == part.charAt(k) ? 1 : 0;
      if (k == m) {
        return i - m + 1;
      }
    }
    return -1;
  }

  /** Where a part begins last, else -1. */
  static int lastIndexOf(String text, String part, int before, Budget budget) {
    boolean costly = part.length() > SHORT_PART && (long) before * part.length() > SHORT_SEARCH;
    budget.look(costly ? (long) before * part.length() : 0);
    int found = text.lastIndexOf(part, before - part.length());
    budget.look(before - Math.max(0, found));
    return found;
  }

  /** Number of characters, where Java's {@code length} counts UTF-16 units. */
  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Compares by character, as Python does; UTF-16 units would put U+1F600 before U+FFFD. */
  static int compare(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    for (int i = 0; i < shorter; i++) {
      char left = a.charAt(i);
      char right = b.charAt(i);
      if (left != right) {
        boolean surrogates = Character.isSurrogate(left) != Character.isSurrogate(right);
        return surrogates ? (Character.isSurrogate(left) ? 1 : -1) : Character.compare(left, right);
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
