package dev.burhan.text.template;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What may stand behind {@code is}. */
final class Tests {
  private Tests() {}

  static boolean check(String name, Object value, Arguments arguments, Run run) {
    Budget budget = run.budget();
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "integer" -> Numbers.isInteger(value);
      case "float" -> value instanceof Double;
      case "number" -> Numbers.isNumber(value);
      case "string" -> value instanceof String;
      case "mapping" -> value instanceof Map;
      case "sequence", "iterable" ->
          value instanceof String
              || value instanceof List
              || value instanceof Tuple
              || value instanceof Map
              || value instanceof Undefined;
      case "callable" -> value instanceof Callable;
      case "sameas" -> same(value, arguments.bind(name, "other").get(0));
      case "escaped" -> false;
      case "lower" ->
          text(value, run).equals(text(value, run).toLowerCase(Locale.ROOT))
              && hasLetters(text(value, run));
      case "upper" ->
          text(value, run).equals(text(value, run).toUpperCase(Locale.ROOT))
              && hasLetters(text(value, run));
      case "odd" -> Values.equal(Operators.apply("%", value, 2L, run), 1L, budget);
      case "even" -> Values.equal(Operators.apply("%", value, 2L, run), 0L, budget);
      case "divisibleby" ->
          Values.equal(
              Operators.apply("%", value, arguments.bind(name, "num").get(0), run), 0L, budget);
      case "in" -> Values.contains(arguments.bind(name, "seq").get(0), value, budget);
      case "eq", "equalto", "==" -> Values.equal(value, other(name, arguments), budget);
      case "ne", "!=" -> !Values.equal(value, other(name, arguments), budget);
      case "lt", "lessthan", "<" -> Values.compare(value, other(name, arguments), budget) < 0;
      case "le", "<=" -> Values.compare(value, other(name, arguments), budget) <= 0;
      case "gt", "greaterthan", ">" -> Values.compare(value, other(name, arguments), budget) > 0;
      case "ge", ">=" -> Values.compare(value, other(name, arguments), budget) >= 0;
      default -> throw Values.error("there is no test '" + name + "'");
    };
  }

  private static Object other(String name, Arguments arguments) {
    return arguments.bind(name, "other").get(0);
  }

  private static boolean same(Object a, Object b) {
    return a == b || (a instanceof Boolean && a.equals(b)) || (a instanceof Long && a.equals(b));
  }

  private static String text(Object value, Run run) {
    String text = Printing.string(value, run.budget());
    run.budget().look(text.length());
    return text;
  }

  private static boolean hasLetters(String text) {
    return text.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
  }
}
