package dev.burhan.reasoning;

import java.text.Normalizer;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites LaTeX and its Unicode look-alikes as plain characters, so that one formula has one
 * spelling: {@code \dfrac12}, {@code \frac{1}{2}} and {@code ½} become {@code 1/2}. Groups are
 * dissolved, so that a brace in what comes out is a set's. What it does not know it leaves as it
 * is; it never fails.
 */
final class PlainMathematics {
  private static final int DEEPEST = 40;

  private static final Set<String> FRACTIONS = Set.of("frac", "dfrac", "tfrac", "cfrac");

  private static final Set<String> TEXTS =
      Set.of(
          "text",
          "textbf",
          "textit",
          "textrm",
          "textup",
          "texttt",
          "mbox",
          "mathrm",
          "mathbf",
          "mathit",
          "mathsf",
          "mathbb",
          "operatorname",
          "boxed",
          "fbox",
          "ensuremath");

  /** Only how it looks. */
  private static final Set<String> LOOKS =
      Set.of(
          "left",
          "right",
          "big",
          "Big",
          "bigg",
          "Bigg",
          "bigl",
          "bigr",
          "Bigl",
          "Bigr",
          "middle",
          "displaystyle",
          "textstyle",
          "limits",
          "nolimits",
          "circ",
          "degree");

  private static final Map<String, String> SYMBOLS =
      Map.ofEntries(
          Map.entry("cdot", "*"),
          Map.entry("times", "*"),
          Map.entry("ast", "*"),
          Map.entry("div", "/"),
          Map.entry("pi", "π"),
          Map.entry("infty", "∞"),
          Map.entry("le", "≤"),
          Map.entry("leq", "≤"),
          Map.entry("leqslant", "≤"),
          Map.entry("ge", "≥"),
          Map.entry("geq", "≥"),
          Map.entry("geqslant", "≥"),
          Map.entry("ne", "≠"),
          Map.entry("neq", "≠"),
          Map.entry("pm", "±"),
          Map.entry("cup", "∪"),
          Map.entry("cap", "∩"),
          Map.entry("in", "∈"),
          Map.entry("approx", "≈"),
          Map.entry("emptyset", "∅"),
          Map.entry("varnothing", "∅"),
          Map.entry("lbrace", "{"),
          Map.entry("rbrace", "}"),
          Map.entry("ldots", "..."),
          Map.entry("dots", "..."),
          Map.entry("cdots", "..."),
          Map.entry("mid", "|"),
          Map.entry("quad", " "),
          Map.entry("qquad", " "));

  private static final Map<Character, String> CHARACTERS =
      Map.ofEntries(
          Map.entry('−', "-"),
          Map.entry('–', "-"),
          Map.entry('×', "*"),
          Map.entry('·', "*"),
          Map.entry('⋅', "*"),
          Map.entry('÷', "/"),
          Map.entry('~', " "),
          Map.entry('$', ""),
          Map.entry('%', ""),
          Map.entry('°', ""),
          Map.entry('€', ""),
          Map.entry('£', ""),
          Map.entry('`', ""));

  private final String text;
  private int at;
  private int depth;

  private PlainMathematics(String text) {
    this.text = text;
  }

  static String of(String latex) {
    PlainMathematics reader = new PlainMathematics(latex);
    StringBuilder all = new StringBuilder(latex.length());
    while (reader.at < latex.length()) {
      reader.sequence(all);
      reader.at++; // a brace that closes nothing
    }
    return all.toString();
  }

  /** Up to a brace that closes more than was opened, which is not taken. */
  private void sequence(StringBuilder out) {
    while (at < text.length() && text.charAt(at) != '}') {
      char c = text.charAt(at);
      if (c == '^' || c == '_') {
        at++;
        script(out, c);
      } else if (c == '√') {
        at++;
        out.append("sqrt(").append(radicand()).append(')');
      } else {
        atom(out);
      }
    }
  }

  private void atom(StringBuilder out) {
    char c = text.charAt(at++);
    switch (c) {
      case '\\' -> command(out);
      case '{' -> group(out);
      case '*' -> {
        if (at < text.length() && text.charAt(at) == '*') {
          at++; // bold in Markdown
        } else {
          out.append(c);
        }
      }
      default -> character(out, c);
    }
  }

  private void character(StringBuilder out, char c) {
    if (Character.isWhitespace(c)) {
      space(out);
    } else if (CHARACTERS.containsKey(c)) {
      out.append(CHARACTERS.get(c));
    } else if (Character.getType(c) == Character.OTHER_NUMBER) {
      String digits = Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFKC);
      int slash = digits.indexOf('\u2044');
      if (slash > 0) {
        fraction(out, digits.substring(0, slash), digits.substring(slash + 1));
      } else {
        out.append('^').append(digits); // a superscript, of one digit
      }
    } else {
      out.append(c);
    }
  }

  private static void space(StringBuilder out) {
    if (!out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
      out.append(' ');
    }
  }

  private void group(StringBuilder out) {
    if (text.startsWith(",}", at)) { // 1{,}000, or a decimal comma
      at += 2;
      out.append(digits(at) == at + 3 ? "" : ".");
      return;
    }
    out.append(inside());
  }

  /** What stands up to the brace that closes the group just opened. */
  private String inside() {
    StringBuilder out = new StringBuilder();
    if (++depth <= DEEPEST) {
      sequence(out);
      at++;
    }
    depth--;
    return out.toString();
  }

  /** A command's argument: a group, a command or one character. */
  private String argument() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    if (at >= text.length() || text.charAt(at) == '}') {
      return "";
    }
    if (text.charAt(at) == '{') {
      at++;
      return inside();
    }
    StringBuilder out = new StringBuilder();
    if (++depth <= DEEPEST) {
      atom(out);
    } else {
      at++;
    }
    depth--;
    return out.toString();
  }

  /** What a √ is taken of: a number or one thing. */
  private String radicand() {
    int end = digits(at);
    if (end > at) {
      String number = text.substring(at, end);
      at = end;
      return number;
    }
    if (at < text.length() && text.charAt(at) == '(') {
      int close = text.indexOf(')', at);
      if (close > 0) {
        String inner = text.substring(at + 1, close);
        at = close + 1;
        return inner;
      }
    }
    return argument();
  }

  private void script(StringBuilder out, char kind) {
    int end = digits(at);
    String content;
    if (end > at) { // 2^10 is meant as 2^{10} by those who leave the braces out
      content = text.substring(at, end);
      at = end;
    } else {
      content = argument();
    }
    if (!content.isEmpty()) { // a degree's circle
      out.append(kind).append(content.length() == 1 ? content : "(" + content + ")");
    }
  }

  private void command(StringBuilder out) {
    int begin = at;
    while (at < text.length() && isLetter(text.charAt(at))) {
      at++;
    }
    if (at == begin) {
      escaped(out);
      return;
    }
    String name = text.substring(begin, at);
    if (FRACTIONS.contains(name)) {
      String above = argument();
      fraction(out, above, argument());
    } else if (name.equals("sqrt")) {
      root(out);
    } else if (TEXTS.contains(name)) {
      space(out);
      out.append(argument());
    } else if (LOOKS.contains(name)) {
      if (at < text.length() && text.charAt(at) == '.') {
        at++; // \left. is no delimiter
      }
    } else if (name.equals("begin") || name.equals("end")) {
      argument();
      out.append(name.equals("begin") ? "matrix(" : ")");
    } else if (name.equals("hspace")) {
      argument();
    } else {
      out.append(SYMBOLS.getOrDefault(name, "\\" + name + " "));
    }
  }

  /** A backslash before what is no letter. */
  private void escaped(StringBuilder out) {
    if (at >= text.length()) {
      return;
    }
    char c = text.charAt(at++);
    switch (c) {
      case '{', '}', '_', '&', '#', '|' -> out.append(c);
      case '\\' -> out.append(';'); // a matrix's next row
      case ' ' -> space(out);
      default -> {} // spaces of all widths, \% \$ and the delimiters of formulas
    }
  }

  private void root(StringBuilder out) {
    String degree = "";
    if (at < text.length() && text.charAt(at) == '[') {
      int close = text.indexOf(']', at);
      if (close > 0) {
        degree = text.substring(at + 1, close).strip();
        at = close + 1;
      }
    }
    out.append("sqrt").append(degree.equals("2") ? "" : degree);
    out.append('(').append(argument()).append(')');
  }

  private static void fraction(StringBuilder out, String above, String below) {
    int last = out.length() - 1;
    while (last >= 0 && out.charAt(last) == ' ') {
      last--;
    }
    boolean afterDigit = last >= 0 && Character.isDigit(out.charAt(last));
    String numerator = above.strip();
    String denominator = below.strip();
    if (afterDigit) {
      out.setLength(last + 1);
      boolean numbers = isDigits(numerator) && isDigits(denominator);
      out.append(numbers ? Rational.MIXED : '*');
    }
    boolean sum = numerator.indexOf('+', 1) > 0 || numerator.indexOf('-', 1) > 0;
    out.append(sum ? "(" + numerator + ")" : numerator).append('/');
    out.append(isAtom(denominator) ? denominator : "(" + denominator + ")");
  }

  /** Whether it needs no parentheses: a number, a character, or one root. */
  private static boolean isAtom(String text) {
    return text.length() <= 1
        || Rational.parse(text).isPresent() && text.indexOf('/') < 0
        || text.startsWith("sqrt(") && text.indexOf(')') == text.length() - 1;
  }

  private static boolean isDigits(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  private int digits(int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }
}
