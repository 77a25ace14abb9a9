package dev.burhan.reasoning;

import java.util.Optional;

/**
 * Finds a text's last number: with thousands separators, as a decimal, a fraction ({@code 3/4},
 * {@code \frac{3}{4}}), a percentage, with a minus. Digits of words, as in H2O, are none. One pass.
 */
final class LastNumber {
  private static final int GROUP = 3; // digits between thousands separators
  private static final String BEFORE_MINUS = "([{=,;:$<>~≈|*\"'“±";

  private final String text;

  private LastNumber(String text) {
    this.text = text;
  }

  static Optional<String> in(String text) {
    LastNumber scan = new LastNumber(text);
    int at = 0;
    int from = -1;
    int to = 0;
    while (at < text.length()) {
      int end = scan.number(at);
      if (end > at) {
        from = at;
        to = end;
        at = end;
      } else {
        at = scan.skip(at);
      }
    }
    return from < 0 ? Optional.empty() : Optional.of(text.substring(scan.withMinus(from), to));
  }

  /** A whole word at once, so that its digits are not looked at. */
  private int skip(int at) {
    if (!Character.isLetter(text.charAt(at)) && text.charAt(at) != '_') {
      return at + 1;
    }
    boolean command = at > 0 && text.charAt(at - 1) == '\\';
    int end = at + 1;
    while (end < text.length()
        && (Character.isLetter(text.charAt(end))
            || (!command && (isDigit(end) || text.charAt(end) == '_')))) {
      end++;
    }
    return end;
  }

  /** Where the number ends that begins here; here if none does. */
  private int number(int at) {
    int fraction = latexFraction(at);
    if (fraction > at) {
      return fraction;
    }
    int end = decimal(at);
    if (end == at) {
      return at;
    }
    if (is(end, '/')) {
      int below = digits(end + 1);
      end = below > end + 1 ? below : end;
    }
    if (is(end, '%')) {
      return end + 1;
    }
    return is(end, '\\') && is(end + 1, '%') ? end + 2 : end;
  }

  private int decimal(int at) {
    int end = digits(at);
    if (end > at && end - at <= GROUP) {
      while (is(end, ',') && digits(end + 1) == end + 1 + GROUP) {
        end += 1 + GROUP;
      }
    }
    if (is(end, '.')) {
      int after = digits(end + 1);
      return after > end + 1 ? after : end;
    }
    return end;
  }

  /** {@code \frac{3}{4}} with any of its names, of digits only. */
  private int latexFraction(int at) {
    if (!is(at, '\\')) {
      return at;
    }
    int name = is(at + 1, 'd') || is(at + 1, 't') ? at + 2 : at + 1;
    if (!text.startsWith("frac{", name)) {
      return at;
    }
    int above = name + "frac{".length();
    int aboveEnd = digits(is(above, '-') ? above + 1 : above);
    if (!text.startsWith("}{", aboveEnd)) {
      return at;
    }
    int below = aboveEnd + 2;
    int belowEnd = digits(below);
    return aboveEnd > above && belowEnd > below && is(belowEnd, '}') ? belowEnd + 1 : at;
  }

  /** A minus belongs to the number only where it can't take it off from something. */
  private int withMinus(int from) {
    if (from == 0 || (text.charAt(from - 1) != '-' && text.charAt(from - 1) != '−')) {
      return from;
    }
    if (from == 1) {
      return 0;
    }
    char before = text.charAt(from - 2);
    boolean sign = Character.isWhitespace(before) || BEFORE_MINUS.indexOf(before) >= 0;
    return sign ? from - 1 : from;
  }

  private int digits(int at) {
    int end = at;
    while (isDigit(end)) {
      end++;
    }
    return end;
  }

  private boolean isDigit(int at) {
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  private boolean is(int at, char character) {
    return at < text.length() && text.charAt(at) == character;
  }
}
