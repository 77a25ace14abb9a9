package dev.burhan.text.format;

import java.nio.charset.StandardCharsets;

/**
 * A fast way through a large JSON document of bytes, where building a string for each of 300,000
 * tokens and merges would cost more than everything else. It checks no more than it needs: whatever
 * it does not expect is {@link Unexpected}, and then the JSON library reads the document again to
 * say what is wrong and where.
 */
final class JsonCursor {

  /** The document is not what was expected at this place. */
  static final class Unexpected extends Exception {
    private static final long serialVersionUID = 1L;

    Unexpected() {
      super("unexpected JSON", null, false, false);
    }
  }

  private final byte[] document;
  private int at;
  private int from; // the string last read, without its quotes
  private int to;

  JsonCursor(byte[] document) {
    this.document = document;
  }

  int at() {
    return at;
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  /** The next character that is not white space, which is not passed; 0 at the end. */
  byte peek() {
    while (at < document.length) {
      byte b = document[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return b;
      }
      at++;
    }
    return 0;
  }

  boolean skip(char expected) {
    if (peek() != expected) {
      return false;
    }
    at++;
    return true;
  }

  void expect(char expected) throws Unexpected {
    if (!skip(expected)) {
      throw new Unexpected();
    }
  }

  /** Passes a comma, or the end of an object or array: whether it was the end. */
  boolean endsWith(char close) throws Unexpected {
    if (skip(',')) {
      return false;
    }
    expect(close);
    return true;
  }

  /** Passes a string; its place is {@link #from} and {@link #to}. */
  void string() throws Unexpected {
    expect('"');
    from = at;
    while (at < document.length) {
      byte b = document[at++];
      if (b == '"') {
        to = at - 1;
        return;
      }
      if (b == '\\') {
        at++;
      } else if (b >= 0 && b < ' ') {
        break;
      }
    }
    throw new Unexpected();
  }

  /**
   * Passes an integer without fraction or exponent; -1 without passing anything if there is none.
   */
  long integer() {
    peek();
    int end = at;
    long value = 0;
    while (end < document.length && document[end] >= '0' && document[end] <= '9' && end - at < 18) {
      value = 10 * value + document[end++] - '0';
    }
    byte next = end < document.length ? document[end] : 0;
    if (end == at || (next >= '0' && next <= '9') || next == '.' || next == 'e' || next == 'E') {
      return -1;
    }
    at = end;
    return value;
  }

  /** Passes any value; the caller has it read by the JSON library, which also checks it. */
  void skipValue() throws Unexpected {
    int depth = 0;
    do {
      switch (peek()) {
        case '{', '[' -> {
          depth++;
          at++;
        }
        case '}', ']' -> {
          depth--;
          at++;
        }
        case ',', ':' -> at++;
        case '"' -> string();
        case 0 -> throw new Unexpected();
        default -> word();
      }
    } while (depth > 0);
  }

  private void word() {
    while (at < document.length && ",:]} \n\r\t\"[{".indexOf(document[at]) < 0) {
      at++;
    }
  }

  /** The characters of a string, escapes resolved. */
  static String text(byte[] document, int from, int to) throws Unexpected {
    String raw = new String(document, from, to - from, StandardCharsets.UTF_8);
    if (raw.indexOf('\\') < 0) {
      return raw;
    }
    var text = new StringBuilder(raw.length());
    int i = 0;
    while (i < raw.length()) {
      char c = raw.charAt(i++);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      if (i == raw.length()) { // a merge is cut at its space, which may follow a backslash
        throw new Unexpected();
      }
      char escaped = raw.charAt(i++);
      if (escaped == 'u') {
        text.append(unit(raw, i));
        i += 4;
      } else {
        int known = "\"\\/bfnrt".indexOf(escaped);
        if (known < 0) {
          throw new Unexpected();
        }
        text.append("\"\\/\b\f\n\r\t".charAt(known));
      }
    }
    return text.toString();
  }

  private static char unit(String raw, int from) throws Unexpected {
    try {
      return (char) Integer.parseInt(raw, from, from + 4, 16);
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new Unexpected();
    }
  }
}
