package dev.burhan.text.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The filter {@code tojson} as Hugging Face defines it: Python's {@code json.dumps} with {@code
 * ensure_ascii=False}, key order kept, and nothing escaped for HTML.
 */
final class PythonJson {
  private static final int DEEPEST = 1000;

  private final StringBuilder out = new StringBuilder();
  private final Budget budget;
  private final boolean ascii;
  private final boolean sortKeys;
  private final String indent; // null: all on one line
  private final String itemSeparator;
  private final String keySeparator;

  private PythonJson(Budget budget, Arguments.Bound given) {
    this.budget = budget;
    ascii = given.truth(1, false);
    indent = indent(given.get(2, null));
    List<Object> separators =
        given.get(3, null) == null ? null : Values.iterate(given.get(3), budget);
    if (separators != null
        && !(separators.size() == 2
            && separators.get(0) instanceof String
            && separators.get(1) instanceof String)) {
      throw Values.error("tojson: 'separators' should be two strings");
    }
    itemSeparator = separators == null ? (indent == null ? ", " : ",") : (String) separators.get(0);
    keySeparator = separators == null ? ": " : (String) separators.get(1);
    sortKeys = given.truth(4, false);
  }

  static String filter(Run run, Arguments arguments) {
    var given =
        arguments.bind("tojson", "value", "ensure_ascii", "indent", "separators", "sort_keys");
    var writer = new PythonJson(run.budget(), given);
    writer.write(given.get(0), 0);
    return writer.out.toString();
  }

  private static String indent(Object given) {
    return switch (given) {
      case null -> null;
      case String text -> text;
      case Long width -> " ".repeat(Math.clamp(width, 0, 100));
      default -> throw Values.error("tojson: 'indent' should be a number or a string");
    };
  }

  private void write(Object value, int depth) {
    if (depth > DEEPEST) {
      throw Values.error("tojson: a value is nested more than " + DEEPEST + " deep");
    }
    budget.make(4L + itemSeparator.length() + keySeparator.length());
    switch (value) {
      case null -> out.append("null");
      case Boolean bool -> out.append(bool);
      case String text -> quote(text);
      case Long number -> out.append(number);
      case BigInteger number -> out.append(number);
      case Double number -> out.append(real(number));
      case List<?> list -> list(list, depth);
      case Tuple tuple -> list(tuple.items(), depth);
      case Map<?, ?> map -> map(map, depth);
      default -> {
        Values.defined(value);
        throw Values.error("tojson: a " + Values.typeName(value) + " is not JSON");
      }
    }
  }

  private static String real(double number) {
    return Double.isNaN(number)
        ? "NaN"
        : Double.isInfinite(number)
            ? (number > 0 ? "Infinity" : "-Infinity")
            : Printing.real(number);
  }

  private void list(List<?> list, int depth) {
    if (list.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (Iterator<?> items = list.iterator(); items.hasNext(); ) {
      line(depth + 1);
      write(items.next(), depth + 1);
      out.append(items.hasNext() ? itemSeparator : "");
    }
    line(depth);
    out.append(']');
  }

  private void map(Map<?, ?> map, int depth) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    var entries = new ArrayList<Map.Entry<?, ?>>(map.entrySet());
    if (sortKeys) {
      entries.sort((a, b) -> Values.compare(a.getKey(), b.getKey(), budget));
    }
    out.append('{');
    for (var left = entries.iterator(); left.hasNext(); ) {
      var entry = left.next();
      line(depth + 1);
      quote(key(entry.getKey()));
      out.append(keySeparator);
      write(entry.getValue(), depth + 1);
      out.append(left.hasNext() ? itemSeparator : "");
    }
    line(depth);
    out.append('}');
  }

  private static String key(Object key) {
    return switch (key) {
      case String text -> text;
      case null -> "null";
      case Boolean bool -> bool.toString();
      case Double number -> real(number);
      default -> {
        if (!Numbers.isInteger(key)) {
          throw Values.error("tojson: a key should be a string, found " + Values.typeName(key));
        }
        yield key.toString();
      }
    };
  }

  private void line(int depth) {
    if (indent != null) {
      budget.make(1L + (long) depth * indent.length());
      out.append('\n').repeat(indent, depth);
    }
  }

  private void quote(String text) {
    budget.make(text.length());
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\f' -> out.append("\\f");
        case '\b' -> out.append("\\b");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
