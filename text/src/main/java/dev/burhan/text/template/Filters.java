package dev.burhan.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Filters on single values; those on sequences are in {@link SequenceFilters}. */
final class Filters {
  private Filters() {}

  /** Applies a filter. The value is the first positional argument. */
  static Object apply(String name, Arguments arguments, Run run) {
    return switch (name) {
      case "default", "d" -> otherwise(arguments.bind(name, "value", "default_value", "boolean"));
      case "tojson" -> PythonJson.filter(run, arguments);
      case "string", "safe" -> text(arguments.bind(name, "value").get(0), run);
      case "trim" -> {
        var given = arguments.bind(name, "value", "chars");
        String text = text(given.get(0), run);
        yield PythonStrings.strip(text, StringMethods.set(given, 1, text, run), true, true);
      }
      case "upper" -> text(arguments.bind(name, "s").get(0), run).toUpperCase(Locale.ROOT);
      case "lower" -> text(arguments.bind(name, "s").get(0), run).toLowerCase(Locale.ROOT);
      case "title" -> title(text(arguments.bind(name, "s").get(0), run));
      case "capitalize" -> StringMethods.capitalize(text(arguments.bind(name, "s").get(0), run));
      case "replace" -> replace(arguments.bind(name, "s", "old", "new", "count"), run);
      case "indent" -> indent(arguments.bind(name, "s", "width", "first", "blank"), run);
      case "center" -> {
        var given = arguments.bind(name, "value", "width");
        var width =
            new Arguments(List.of(given.get(1, 80L)), Map.of()).bind(name, "width", "fillchar");
        yield StringMethods.justify(text(given.get(0), run), "center", width, run);
      }
      case "format" ->
          Formats.percent(text(arguments.positional().getFirst(), run), formatted(arguments), run);
      case "truncate" ->
          truncate(arguments.bind(name, "s", "length", "killwords", "end", "leeway"), run);
      case "escape", "e", "forceescape" -> escape(text(arguments.bind(name, "s").get(0), run));
      case "wordcount" -> (long) text(arguments.bind(name, "s").get(0), run).split("\\W+").length;
      case "int" -> integer(arguments.bind(name, "value", "default", "base"));
      case "float" -> real(arguments.bind(name, "value", "default"));
      case "abs" -> absolute(arguments.bind(name, "x").get(0));
      case "round" -> round(arguments.bind(name, "value", "precision", "method"));
      case "length", "count" -> {
        Object object = arguments.bind(name, "obj").get(0);
        run.budget().look(object instanceof String text ? text.length() : 0);
        yield Values.length(object);
      }
      case "attr" -> {
        var given = arguments.bind(name, "obj", "name");
        Object own = Values.defined(given.get(0)) instanceof HasAttributes object ? object : null;
        yield own == null
            ? Undefined.attribute(given.get(0), given.string(1))
            : ((HasAttributes) own).attribute(given.string(1));
      }
      case "pprint" -> Printing.repr(arguments.bind(name, "value").get(0), run.budget());
      default -> SequenceFilters.apply(name, arguments, run);
    };
  }

  private static String text(Object value, Run run) {
    String text = Printing.string(value, run.budget());
    run.budget().make(text.length());
    return text;
  }

  private static Object otherwise(Arguments.Bound given) {
    Object value = given.get(0);
    boolean replaced =
        value instanceof Undefined || (given.truth(2, false) && !Values.truth(value));
    return replaced ? given.get(1, "") : value;
  }

  /**
   * Jinja's own: also what follows a bracket or a hyphen begins a word, and an apostrophe does not.
   */
  private static String title(String text) {
    var out = new StringBuilder();
    boolean begins = true;
    for (int c : text.codePoints().toArray()) {
      out.appendCodePoint(begins ? Character.toTitleCase(c) : Character.toLowerCase(c));
      begins = "-({[<".indexOf(c) >= 0 || (c <= 0xFFFF && PythonStrings.isSpace((char) c));
    }
    return out.toString();
  }

  private static Object replace(Arguments.Bound given, Run run) {
    String text = text(given.get(0), run);
    var rest = new ArrayList<Object>(List.of(text(given.get(1), run), text(given.get(2), run)));
    rest.add(given.get(3, null));
    return StringMethods.replace(
        text, new Arguments(rest, Map.of()).bind("replace", "old", "new", "count"), run);
  }

  private static String indent(Arguments.Bound given, Run run) {
    Object width = given.get(1, 4L);
    String indentation =
        width instanceof String text ? text : " ".repeat(Math.clamp(given.integer(1, 4), 0, 1000));
    String[] lines = text(given.get(0), run).split("\n", -1);
    run.budget().make((long) lines.length * indentation.length());
    var out = new StringBuilder();
    for (int i = 0; i < lines.length; i++) {
      boolean indented =
          i == 0 ? given.truth(2, false) : !lines[i].isEmpty() || given.truth(3, false);
      out.append(i > 0 ? "\n" : "").append(indented ? indentation : "").append(lines[i]);
    }
    return out.toString();
  }

  private static Object formatted(Arguments arguments) {
    List<Object> values = arguments.positional().subList(1, arguments.positional().size());
    return arguments.named().isEmpty() ? new Tuple(values) : arguments.named();
  }

  private static String truncate(Arguments.Bound given, Run run) {
    String text = text(given.get(0), run);
    int length = Math.max(0, given.integer(1, 255));
    String end = given.string(3, "...");
    int characters = PythonStrings.length(text);
    if (characters <= (long) length + given.integer(4, 5)) {
      return text;
    }
    int kept = Math.clamp((long) length - PythonStrings.length(end), 0, characters);
    String cut = text.substring(0, text.offsetByCodePoints(0, kept));
    int space = cut.lastIndexOf(' ');
    return (given.truth(2, false) || space < 0 ? cut : cut.substring(0, space)) + end;
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&#34;")
        .replace("'", "&#39;");
  }

  private static Object integer(Arguments.Bound given) {
    Object value = Values.defined(given.get(0));
    Object otherwise = given.get(1, 0L);
    try {
      return switch (value) {
        case Boolean bool -> bool ? 1L : 0L;
        case Long number -> number;
        case BigInteger number -> number;
        case Double number -> Numbers.narrow(new BigDecimal(number).toBigInteger());
        case String text -> parse(text, given.integer(2, 10));
        case null, default -> otherwise;
      };
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private static Object parse(String text, int base) {
    String digits = PythonStrings.strip(text, null, true, true).replace("_", "");
    if (digits.length() > 4000) {
      throw new NumberFormatException(); // Python's own limit is 4,300 digits
    }
    try {
      return Numbers.narrow(new BigInteger(digits, base));
    } catch (NumberFormatException e) {
      return Numbers.narrow(new BigDecimal(Double.parseDouble(digits)).toBigInteger());
    }
  }

  private static Object real(Arguments.Bound given) {
    Object value = Values.defined(given.get(0));
    if (Numbers.isNumber(value)) {
      return Numbers.real(value);
    }
    if (value instanceof String text) {
      try {
        return Double.parseDouble(PythonStrings.strip(text, null, true, true));
      } catch (NumberFormatException e) {
        // the default, below
      }
    }
    return given.get(1, 0.0);
  }

  private static Object absolute(Object value) {
    if (!Numbers.isNumber(value)) {
      Values.defined(value);
      throw Values.error("abs needs a number, found " + Values.typeName(value));
    }
    return Numbers.compare(value, 0L) < 0 ? Numbers.negate(value) : value;
  }

  private static Object round(Arguments.Bound given) {
    if (!Numbers.isNumber(Values.defined(given.get(0)))) {
      throw Values.error("round needs a number, found " + Values.typeName(given.get(0)));
    }
    double value = Numbers.real(given.get(0));
    int precision = Math.clamp(given.integer(1, 0), -300, 300);
    RoundingMode mode =
        switch (given.string(2, "common")) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw Values.error("round: the method should be common, ceil or floor");
        };
    return Double.isFinite(value)
        ? new BigDecimal(value).setScale(precision, mode).doubleValue()
        : (Object) value;
  }
}
