package dev.burhan.text.template;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Python's three ways to fill a format: {@code %}, {@code str.format} and {@code strftime}, as far
 * as templates use them.
 */
final class Formats {
  private static final int WIDEST = 1000;

  private Formats() {}

  /**
   * {@code format % values}: conversions s, r, d, i, f, x with flags, width and precision, and
   * names in brackets.
   */
  static String percent(String format, Object values, Run run) {
    List<Object> positional =
        values instanceof Tuple tuple ? tuple.items() : java.util.Collections.singletonList(values);
    var out = new StringBuilder();
    int next = 0;
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i++);
      if (c != '%') {
        out.append(c);
        continue;
      }
      int close = i < format.length() && format.charAt(i) == '(' ? format.indexOf(')', i) : -1;
      Object named =
          close > 0 ? Attributes.item(values, format.substring(i + 1, close), run) : null;
      int from = close > 0 ? close + 1 : i;
      i = from;
      while (i < format.length() && "-+ 0#.123456789".indexOf(format.charAt(i)) >= 0) {
        i++;
      }
      if (i >= format.length()) {
        throw Values.error("the format '" + format + "' ends within a conversion");
      }
      char conversion = format.charAt(i);
      if (conversion == '%') {
        out.append('%');
      } else {
        if (close < 0 && next >= positional.size()) {
          throw Values.error("the format '" + format + "' has more conversions than values");
        }
        Object value = close > 0 ? named : positional.get(next++);
        String text = convert(format.substring(from, i), conversion, value, run);
        run.budget().make(text.length());
        out.append(text);
      }
      i++;
    }
    if (next < positional.size() && !(values instanceof Map)) {
      throw Values.error("the format '" + format + "' has fewer conversions than values");
    }
    run.budget().make(out.length());
    return out.toString();
  }

  private static String convert(String flags, char conversion, Object value, Run run) {
    checkWidth(flags);
    try {
      return formatted(flags, conversion, value, run);
    } catch (java.util.IllegalFormatException e) {
      throw Values.error("the format '%" + flags + conversion + "' is not supported");
    }
  }

  private static String formatted(String flags, char conversion, Object value, Run run) {
    return switch (conversion) {
      case 's' ->
          String.format(
              "%" + flags.replaceAll("^[0 +#]+", "") + "s", Printing.string(value, run.budget()));
      case 'r' ->
          String.format(
              "%" + flags.replaceAll("^[0 +#]+", "") + "s", Printing.repr(value, run.budget()));
      case 'd', 'i', 'x', 'f' -> {
        Values.defined(value);
        if (!Numbers.isNumber(value)) {
          throw Values.error(
              "'%" + conversion + "' needs a number, found " + Values.typeName(value));
        }
        yield conversion == 'f'
            ? String.format(Locale.ROOT, "%" + flags + "f", Numbers.real(value))
            : String.format(
                Locale.ROOT,
                "%" + flags + (conversion == 'x' ? 'x' : 'd'),
                value instanceof Double real ? (Object) real.longValue() : Numbers.integer(value));
      }
      default -> throw Values.error("the conversion '%" + conversion + "' is not supported");
    };
  }

  private static void checkWidth(String flags) {
    for (String number : flags.split("[^0-9]+")) {
      if (number.length() > 4 || (!number.isEmpty() && Integer.parseInt(number) > WIDEST)) {
        throw Values.error("the format's width should be at most " + WIDEST + ", found " + number);
      }
    }
  }

  /** {@code str.format} with plain fields: {@code {}}, {@code {0}}, {@code {name}}. */
  static String braces(String format, Arguments arguments, Run run) {
    var out = new StringBuilder();
    int next = 0;
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i++);
      if ((c == '{' || c == '}') && i < format.length() && format.charAt(i) == c) {
        out.append(c);
        i++;
      } else if (c == '{') {
        int close = format.indexOf('}', i);
        String field = close < 0 ? "!" : format.substring(i, close);
        Object value =
            field.isEmpty()
                ? argument(arguments, Integer.toString(next++))
                : argument(arguments, field);
        String text = Printing.string(value, run.budget());
        run.budget().make(text.length());
        out.append(text);
        i = close + 1;
      } else {
        out.append(c);
      }
    }
    run.budget().make(out.length());
    return out.toString();
  }

  private static Object argument(Arguments arguments, String field) {
    if (!field.isEmpty()
        && field.length() < 4
        && field.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int index = Integer.parseInt(field);
      if (index < arguments.positional().size()) {
        return arguments.positional().get(index);
      }
    } else if (arguments.named().containsKey(field)) {
      return arguments.named().get(field);
    }
    throw Values.error(
        "format: there is no value for the field '{" + field + "}', or it is not a plain one");
  }

  /** {@code strftime} of C's own locale. */
  static String time(ZonedDateTime time, String format) {
    var out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
        continue;
      }
      char field = format.charAt(++i);
      boolean unpadded = field == '-' && i + 1 < format.length();
      String text = field(time, unpadded ? format.charAt(++i) : field);
      out.append(unpadded && text.length() > 1 && text.startsWith("0") ? text.substring(1) : text);
    }
    return out.toString();
  }

  private static String field(ZonedDateTime time, char field) {
    return switch (field) {
      case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'c' -> time(time, "%a %b %e %H:%M:%S %Y");
      case 'd' -> pattern(time, "dd");
      case 'D', 'x' -> pattern(time, "MM/dd/yy");
      case 'e' -> String.format(Locale.ROOT, "%2d", time.getDayOfMonth());
      case 'f' -> String.format(Locale.ROOT, "%06d", time.getNano() / 1000);
      case 'F' -> pattern(time, "yyyy-MM-dd");
      case 'H' -> pattern(time, "HH");
      case 'I' -> pattern(time, "hh");
      case 'j' -> pattern(time, "DDD");
      case 'm' -> pattern(time, "MM");
      case 'M' -> pattern(time, "mm");
      case 'n' -> "\n";
      case 'p' -> time.getHour() < 12 ? "AM" : "PM";
      case 'S' -> pattern(time, "ss");
      case 's' -> Long.toString(time.toEpochSecond());
      case 't' -> "\t";
      case 'T', 'X' -> pattern(time, "HH:mm:ss");
      case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
      case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
      case 'y' -> pattern(time, "yy");
      case 'Y' -> pattern(time, "yyyy");
      case 'z', 'Z' -> ""; // Hugging Face passes a time without a zone
      case '%' -> "%";
      default -> throw Values.error("strftime_now: the field '%" + field + "' is not supported");
    };
  }

  private static String pattern(ZonedDateTime time, String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(time);
  }
}
