package dev.burhan.kernel.receipt;

import dev.burhan.kernel.report.JsonText;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON in the one form that is hashed: keys sorted, no white space, numbers without exponent and
 * without a point where they are whole. What another program writes after reading it keeps its hash
 * so.
 */
final class CanonicalJson {
  private static final double MOST_WHOLE = 1L << 53;

  private CanonicalJson() {}

  static String of(Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value);
    return out.toString();
  }

  private static void write(StringBuilder out, Object value) {
    switch (value) {
      case Map<?, ?> map -> {
        out.append('{');
        Iterator<? extends Map.Entry<?, ?>> entries = new TreeMap<>(map).entrySet().iterator();
        while (entries.hasNext()) {
          Map.Entry<?, ?> entry = entries.next();
          out.append(JsonText.of(entry.getKey().toString())).append(':');
          write(out, entry.getValue());
          out.append(entries.hasNext() ? "," : "");
        }
        out.append('}');
      }
      case List<?> list -> {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
          out.append(i > 0 ? "," : "");
          write(out, list.get(i));
        }
        out.append(']');
      }
      case Double number -> out.append(plain(number));
      case null -> out.append("null");
      default -> out.append(JsonText.of(value));
    }
  }

  private static String plain(double number) {
    return number == Math.rint(number) && Math.abs(number) < MOST_WHOLE
        ? Long.toString((long) number)
        : new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
  }
}
