package dev.burhan.checkpoint.file;

/** Words from a file, made fit to stand in a message of one line. */
public final class Text {
  private static final int LONGEST = 120;

  private Text() {}

  /** The text in single quotes; control characters escaped and long texts cut. */
  public static String quoted(String text) {
    var out = new StringBuilder("'");
    for (int i = 0; i < text.length() && i < LONGEST; i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || Character.isSurrogate(c) || isLayoutControl(c)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append(text.length() > LONGEST ? "...'" : "'").toString();
  }

  /**
   * Line and paragraph separators and bidirectional overrides, which would break or reorder a line.
   */
  private static boolean isLayoutControl(char c) {
    return c == '\u2028' || c == '\u2029' || Character.getType(c) == Character.FORMAT;
  }
}
