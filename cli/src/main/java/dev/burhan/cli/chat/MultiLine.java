package dev.burhan.cli.chat;

/**
 * Input of several lines: a line that ends in a backslash goes on in the next, and three double
 * quotes begin a block that three more end.
 */
final class MultiLine {
  private static final String QUOTES = "\"\"\"";

  private MultiLine() {}

  /** Whether there is more to come. */
  static boolean isOpen(String text) {
    if (opensBlock(text)) {
      return text.strip().indexOf(QUOTES, QUOTES.length()) < 0;
    }
    return endsInBackslash(text);
  }

  /** The text that is meant; for an open one, as if it had ended here. */
  static String meant(String text) {
    if (!opensBlock(text)) {
      String joined = text.replace("\\\n", "\n");
      return endsInBackslash(joined) ? joined.substring(0, joined.length() - 1) : joined;
    }
    String body = text.strip().substring(QUOTES.length());
    int end = body.indexOf(QUOTES);
    String inner = end < 0 ? body : body.substring(0, end);
    String after = end < 0 ? "" : body.substring(end + QUOTES.length());
    return inner.replaceFirst("^\\R", "").replaceFirst("\\R$", "") + after;
  }

  private static boolean opensBlock(String text) {
    return text.stripLeading().startsWith(QUOTES);
  }

  /** Two backslashes are text: a Windows path may end in them. */
  private static boolean endsInBackslash(String text) {
    return text.endsWith("\\") && !text.endsWith("\\\\");
  }
}
