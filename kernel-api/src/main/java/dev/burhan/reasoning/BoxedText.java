package dev.burhan.reasoning;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Finds what a text has in {@code \boxed{}}. One pass, whatever the braces are like. */
final class BoxedText {
  private static final List<String> COMMANDS = List.of("boxed", "fbox");
  private static final int NO_BOX = -1;

  private final String text;
  private int[] open = new int[16]; // per open brace, where its box's content begins
  private int depth;
  private int begin = NO_BOX; // of the last box
  private int end;

  private BoxedText(String text) {
    this.text = text;
  }

  /** The content of the last box that is closed and has something in it. */
  static Optional<String> last(String text) {
    BoxedText boxes = new BoxedText(text);
    boxes.scan();
    return boxes.begin == NO_BOX
        ? Optional.empty()
        : Optional.of(text.substring(boxes.begin, boxes.end).strip());
  }

  private void scan() {
    int at = 0;
    while (at < text.length()) {
      switch (text.charAt(at)) {
        case '\\' -> at = command(at + 1);
        case '{' -> {
          push(NO_BOX);
          at++;
        }
        case '}' -> {
          close(at);
          at++;
        }
        default -> at++;
      }
    }
  }

  /** What follows a backslash: a box, or a character that stands for itself. */
  private int command(int at) {
    for (String command : COMMANDS) {
      if (text.startsWith(command, at)) {
        int after = at + command.length();
        while (after < text.length() && text.charAt(after) == ' ') {
          after++;
        }
        if (after < text.length() && text.charAt(after) == '{') {
          push(after + 1);
          return after + 1;
        }
        return unbraced(at + command.length(), after);
      }
    }
    return at + 1;
  }

  /** A box without braces, as in {@code \boxed 5}. */
  private int unbraced(int command, int from) {
    int to = from;
    while (to < text.length()
        && (Character.isLetterOrDigit(text.charAt(to)) || "./-".indexOf(text.charAt(to)) >= 0)) {
      to++;
    }
    int last = to > from && text.charAt(to - 1) == '.' ? to - 1 : to; // a sentence's end
    if (from > command && last > from) {
      take(from, last);
    }
    return to;
  }

  private void push(int content) {
    if (depth == open.length) {
      open = Arrays.copyOf(open, 2 * depth);
    }
    open[depth++] = content;
  }

  private void close(int at) {
    if (depth > 0) {
      int content = open[--depth];
      if (content != NO_BOX) {
        take(content, at);
      }
    }
  }

  /** Of nested boxes the inner one is the last. */
  private void take(int from, int to) {
    if (from > begin && !isBlank(from, to)) {
      begin = from;
      end = to;
    }
  }

  private boolean isBlank(int from, int to) {
    for (int i = from; i < to; i++) {
      if (!Character.isWhitespace(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }
}
