package dev.burhan.text.template;

import dev.burhan.text.TemplateException;
import dev.burhan.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template into tokens, with the white space rules of the environment that chat templates
 * are written for: {@code trim_blocks} (the newline after a block is dropped), {@code
 * lstrip_blocks} (blanks before a block on its line are dropped), {@code -} and {@code +} to ask
 * for more or less, one newline at the very end dropped. Source: Jinja 3.1, "Whitespace Control",
 * and its lexer for the corner cases.
 */
final class Lexer {
  private static final List<String> OPERATORS = List.of("//", "**", "==", "!=", ">=", "<=");
  private static final String SINGLE_OPERATORS = "+-/*%~[](){}><=.:|,;";

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int lineAt; // line was counted up to here

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source =
        template.indexOf('\r') < 0 ? template : template.replace("\r\n", "\n").replace('\r', '\n');
    var lexer =
        new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
    lexer.data();
    lexer.add(Kind.END, "");
    return lexer.tokens;
  }

  private void data() {
    while (at < source.length()) {
      int tag = nextTag(at);
      if (tag < 0) {
        add(Kind.DATA, source.substring(at));
        at = source.length();
        return;
      }
      char kind = source.charAt(tag + 1);
      char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
      String text =
          stripBefore(
              source.substring(at, tag),
              sign,
              kind == '{',
              at == 0 || source.charAt(at - 1) == '\n');
      if (!text.isEmpty()) {
        add(Kind.DATA, text);
      }
      at = tag + (sign == '-' || sign == '+' ? 3 : 2);
      switch (kind) {
        case '#' -> comment();
        case '{' -> tag(Kind.VARIABLE_BEGIN, Kind.VARIABLE_END, "}}");
        default -> {
          if (!raw()) {
            tag(Kind.BLOCK_BEGIN, Kind.BLOCK_END, "%}");
          }
        }
      }
    }
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from);
        i >= 0 && i + 1 < source.length();
        i = source.indexOf('{', i + 1)) {
      char c = source.charAt(i + 1);
      if (c == '%' || c == '{' || c == '#') {
        return i;
      }
    }
    return -1;
  }

  private static String stripBefore(String text, char sign, boolean variable, boolean lineStarts) {
    if (sign == '-') {
      return PythonStrings.stripRight(text);
    }
    if (sign == '+' || variable) {
      return text;
    }
    int lineStart = text.lastIndexOf('\n') + 1;
    boolean blank = PythonStrings.isBlank(text, lineStart);
    return blank && (lineStart > 0 || lineStarts) ? text.substring(0, lineStart) : text;
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw wrong("the comment is not closed");
    }
    char sign = end > at ? source.charAt(end - 1) : ' ';
    at = end + 2;
    stripAfter(sign, true);
  }

  private void stripAfter(char sign, boolean block) {
    if (sign == '-') {
      while (at < source.length() && PythonStrings.isSpace(source.charAt(at))) {
        at++;
      }
    } else if (sign != '+' && block && at < source.length() && source.charAt(at) == '\n') {
      at++;
    }
  }

  /** {@code {% raw %}...{% endraw %}}, if that is what begins here. */
  private boolean raw() {
    int open = closeOf("raw", at);
    if (open < 0) {
      return false;
    }
    char sign = source.charAt(open - 1);
    at = open + 2;
    if (sign == '-') {
      stripAfter('-', true);
    }
    for (int end = source.indexOf("{%", at); end >= 0; end = source.indexOf("{%", end + 1)) {
      char before = end + 2 < source.length() ? source.charAt(end + 2) : ' ';
      int close = closeOf("endraw", end + (before == '-' || before == '+' ? 3 : 2));
      if (close >= 0) {
        boolean lineStarts = at == 0 || source.charAt(at - 1) == '\n';
        String text = stripBefore(source.substring(at, end), before, false, lineStarts);
        if (!text.isEmpty()) {
          add(Kind.DATA, text);
        }
        at = close + 2;
        stripAfter(source.charAt(close - 1), true);
        return true;
      }
    }
    throw wrong("'{% raw %}' is not closed by '{% endraw %}'");
  }

  /** Where {@code %}} begins if nothing but a word stands before it, else -1. */
  private int closeOf(String word, int from) {
    int i = skipSpace(from);
    if (!source.startsWith(word, i)) {
      return -1;
    }
    i = skipSpace(i + word.length());
    if (i < source.length() && (source.charAt(i) == '-' || source.charAt(i) == '+')) {
      i++;
    }
    return source.startsWith("%}", i) ? i : -1;
  }

  private int skipSpace(int from) {
    int i = from;
    while (i < source.length() && PythonStrings.isSpace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  private void tag(Kind begin, Kind end, String close) {
    add(begin, "");
    int brackets = 0; // within brackets, "}}" closes two dictionaries
    while (true) {
      at = skipSpace(at);
      if (at >= source.length()) {
        throw wrong("expected '" + close + "', found the end of the template");
      }
      if (brackets == 0 && closes(close, end)) {
        return;
      }
      char c = source.charAt(at);
      if (c >= '0' && c <= '9') {
        number();
      } else if (Character.isUnicodeIdentifierPart(c) || c == '_') {
        name();
      } else if (c == '\'' || c == '"') {
        string(c);
      } else {
        brackets += operator(c);
      }
    }
  }

  private boolean closes(String close, Kind end) {
    char sign = source.charAt(at);
    boolean signed = sign == '-' || (sign == '+' && end == Kind.BLOCK_END);
    if (!source.startsWith(close, signed ? at + 1 : at)) {
      return false;
    }
    add(end, "");
    at += signed ? 3 : 2;
    stripAfter(signed ? sign : ' ', end == Kind.BLOCK_END);
    return true;
  }

  private void name() {
    int from = at;
    while (at < source.length()
        && (Character.isUnicodeIdentifierPart(source.charAt(at)) || source.charAt(at) == '_')) {
      at++;
    }
    add(Kind.NAME, source.substring(from, at));
  }

  private void number() {
    int from = at;
    boolean afterDot = from > 0 && source.charAt(from - 1) == '.'; // items.0.1 are two indices
    digits();
    boolean fraction = false;
    if (!afterDot
        && at + 1 < source.length()
        && source.charAt(at) == '.'
        && isDigit(source.charAt(at + 1))) {
      at++;
      digits();
      fraction = true;
    }
    if (!afterDot && at < source.length() && (source.charAt(at) | 0x20) == 'e') {
      int sign = at + 1 < source.length() && "+-".indexOf(source.charAt(at + 1)) >= 0 ? 1 : 0;
      if (at + 1 + sign < source.length() && isDigit(source.charAt(at + 1 + sign))) {
        at += 1 + sign;
        digits();
        fraction = true;
      }
    }
    add(fraction ? Kind.FLOAT : Kind.INTEGER, source.substring(from, at).replace("_", ""));
  }

  private void digits() {
    while (at < source.length() && (isDigit(source.charAt(at)) || source.charAt(at) == '_')) {
      at++;
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void string(char quote) {
    int from = ++at;
    while (at < source.length() && source.charAt(at) != quote) {
      at += source.charAt(at) == '\\' ? 2 : 1;
    }
    if (at >= source.length()) {
      throw wrong("the string is not closed");
    }
    String text = source.substring(from, at++);
    add(Kind.STRING, text.indexOf('\\') < 0 ? text : unescape(text));
  }

  /** Python's escapes; an unknown one stands for itself. */
  private String unescape(String text) {
    var out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = text.charAt(i++);
      int simple = "abfnrtv\\'\"".indexOf(escaped);
      if (simple >= 0) {
        out.append("\u0007\b\f\n\r\t\u000B\\'\"".charAt(simple));
      } else if (escaped >= '0' && escaped <= '7') {
        int end = i;
        while (end < text.length()
            && end < i + 2
            && text.charAt(end) >= '0'
            && text.charAt(end) <= '7') {
          end++;
        }
        out.append((char) Integer.parseInt(text, i - 1, end, 8));
        i = end;
      } else if (escaped == 'x' || escaped == 'u' || escaped == 'U') {
        int length = escaped == 'x' ? 2 : escaped == 'u' ? 4 : 8;
        out.appendCodePoint(hexadecimal(text, i, length));
        i += length;
      } else if (escaped != '\n') {
        out.append('\\').append(escaped);
      }
    }
    return out.toString();
  }

  private int hexadecimal(String text, int from, int length) {
    try {
      int point = Integer.parseUnsignedInt(text, from, from + length, 16);
      if (Character.isValidCodePoint(point)) {
        return point;
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      // falls through to the one error below
    }
    throw wrong("a string has an escape that is no character");
  }

  /** Adds an operator; by how much it opens (1) or closes (-1) brackets. */
  private int operator(char c) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        add(Kind.OPERATOR, operator);
        at += 2;
        return 0;
      }
    }
    if (SINGLE_OPERATORS.indexOf(c) < 0) {
      throw wrong("unexpected character '" + Character.toString(source.codePointAt(at)) + "'");
    }
    add(Kind.OPERATOR, String.valueOf(c));
    at++;
    return switch (c) {
      case '(', '[', '{' -> 1;
      case ')', ']', '}' -> -1;
      default -> 0;
    };
  }

  private void add(Kind kind, String text) {
    int end = Math.min(at, source.length()); // an escape at the very end leads beyond
    for (; lineAt < end; lineAt++) {
      if (source.charAt(lineAt) == '\n') {
        line++;
      }
    }
    tokens.add(new Token(kind, text, line));
  }

  private TemplateException wrong(String what) {
    add(Kind.END, "");
    return Values.error(line, what);
  }
}
