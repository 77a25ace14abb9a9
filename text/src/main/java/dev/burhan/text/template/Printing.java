package dev.burhan.text.template;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Python's {@code str} and {@code repr}. */
final class Printing {
  private static final int DEEPEST = 1000;

  private Printing() {}

  static String string(Object value, Budget budget) {
    return switch (value) {
      case String text -> text;
      case Undefined none -> "";
      case null, default -> repr(value, budget);
    };
  }

  static String repr(Object value, Budget budget) {
    var out = new StringBuilder();
    repr(value, out, budget, 0);
    return out.toString();
  }

  private static void repr(Object value, StringBuilder out, Budget budget, int depth) {
    if (depth > DEEPEST) {
      throw Values.error("a value is nested more than " + DEEPEST + " deep");
    }
    budget.make(4); // with what stands around it
    switch (value) {
      case null -> out.append("None");
      case Boolean bool -> out.append(bool ? "True" : "False");
      case String text -> {
        budget.make(text.length());
        quote(text, out);
      }
      case Double number -> out.append(real(number));
      case List<?> list -> items('[', list, ']', out, budget, depth);
      case Tuple tuple -> {
        items('(', tuple.items(), ')', out, budget, depth);
        if (tuple.items().size() == 1) {
          out.insert(out.length() - 1, ',');
        }
      }
      case Map<?, ?> map -> entries(map, out, budget, depth);
      case Undefined none -> out.append("Undefined");
      case Namespace namespace -> out.append("<Namespace>");
      case Callable callable -> out.append("<function>");
      default -> out.append(value);
    }
  }

  private static void items(
      char open, List<?> items, char close, StringBuilder out, Budget budget, int depth) {
    out.append(open);
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        out.append(", ");
      }
      repr(items.get(i), out, budget, depth + 1);
    }
    out.append(close);
  }

  private static void entries(Map<?, ?> map, StringBuilder out, Budget budget, int depth) {
    out.append('{');
    String separator = "";
    for (var entry : map.entrySet()) {
      out.append(separator);
      repr(entry.getKey(), out, budget, depth + 1);
      out.append(": ");
      repr(entry.getValue(), out, budget, depth + 1);
      separator = ", ";
    }
    out.append('}');
  }

  /**
   * Quotes as Python does: double quotes only where they save escapes, what can't be printed as an
   * escape.
   */
  private static void quote(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                  if (c == quote) {
                    out.append('\\').append(quote);
                  } else if (isPrintable(c)) {
                    out.appendCodePoint(c);
                  } else {
                    out.append(
                        String.format(
                            c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c));
                  }
                }
              }
            });
    out.append(quote);
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** The shortest digits that give the number back, in fixed form from 1e-4 to below 1e16. */
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String fixed = decimal.toPlainString();
      return fixed.indexOf('.') < 0 ? fixed + ".0" : fixed;
    }
    String digits = decimal.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + fraction
        + "e"
        + (exponent < 0 ? "-" : "+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }
}
