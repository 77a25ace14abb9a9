package dev.burhan.cli.chat;

/**
 * What may be written to a terminal of a text that a model made: it could move the cursor, set the
 * window's title or worse. Letters of every script stay, and so do the marks that order them.
 */
final class Printable {
  private static final char REPLACEMENT = '\uFFFD';

  private Printable() {}

  static String of(String text) {
    StringBuilder changed = null;
    for (int at = 0; at < text.length(); at++) {
      char found = text.charAt(at);
      if (Character.isISOControl(found) && found != '\n' && found != '\t') {
        if (changed == null) {
          changed = new StringBuilder(text);
        }
        changed.setCharAt(at, REPLACEMENT);
      }
    }
    return changed == null ? text : changed.toString();
  }
}
