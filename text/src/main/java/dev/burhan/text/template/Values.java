package dev.burhan.text.template;

import dev.burhan.text.TemplateException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Python's data model on plain Java values: None is null, bool Boolean, int Long or BigInteger,
 * float Double, str String, list List, tuple {@link Tuple}, dict Map in order of insertion.
 */
final class Values {
  private Values() {}

  private static final int LONGEST_ERROR = 400;

  static TemplateException error(String what) {
    return new TemplateException("Chat template: " + oneLine(what, LONGEST_ERROR));
  }

  static TemplateException error(int line, String what) {
    return new TemplateException(
        "Chat template, line " + line + ": " + oneLine(what, LONGEST_ERROR));
  }

  /** A template's words, fit to stand in a message of one line. */
  static String oneLine(String text, int longest) {
    String cut = text.length() > longest ? text.substring(0, longest) + "..." : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\u0085\\u2028\\u2029\\ud800-\\udfff]+", " ");
  }

  /**
   * JSON's values as a template sees them; copies lists and maps, so that one type stands for each
   * kind.
   */
  static Object of(Object value) {
    return switch (value) {
      case Integer number -> number.longValue();
      case List<?> list -> {
        var copy = new ArrayList<Object>(list.size());
        for (Object element : list) {
          copy.add(of(element));
        }
        yield copy;
      }
      case Map<?, ?> map -> {
        var copy = new LinkedHashMap<Object, Object>();
        map.forEach((key, element) -> copy.put(of(key), of(element)));
        yield copy;
      }
      case Float number -> number.doubleValue();
      case BigDecimal number -> number.doubleValue();
      case null, default -> value;
    };
  }

  static boolean truth(Object value) {
    return switch (value) {
      case null -> false;
      case Boolean bool -> bool;
      case String text -> !text.isEmpty();
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      case Tuple tuple -> !tuple.items().isEmpty();
      case Undefined none -> false;
      case Long number -> number != 0;
      case Double number -> number != 0;
      case BigInteger number -> number.signum() != 0;
      default -> true;
    };
  }

  /** The type's name in Python, for error messages. */
  static String typeName(Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean bool -> "bool";
      case String text -> "str";
      case List<?> list -> "list";
      case Map<?, ?> map -> "dict";
      case Tuple tuple -> "tuple";
      case Long number -> "int";
      case BigInteger number -> "int";
      case Double number -> "float";
      case Undefined none -> "Undefined";
      case Callable callable -> "function";
      default -> value.getClass().getSimpleName();
    };
  }

  /**
   * The elements of anything that can be gone through; a string's are its characters, a dict's its
   * keys.
   */
  static List<Object> iterate(Object value, Budget budget) {
    return switch (value) {
      case List<?> list -> unmodifiable(list);
      case Tuple tuple -> tuple.items();
      case Map<?, ?> map -> {
        budget.make(map.size());
        yield new ArrayList<>(map.keySet());
      }
      case Undefined none -> List.of();
      case String text -> {
        budget.make(text.length());
        var characters = new ArrayList<Object>(text.length());
        text.codePoints().forEach(point -> characters.add(Character.toString(point)));
        yield characters;
      }
      case null, default -> throw error("'" + typeName(value) + "' object is not iterable");
    };
  }

  private static List<Object> unmodifiable(List<?> list) {
    return java.util.Collections.unmodifiableList(list);
  }

  static long length(Object value) {
    return switch (value) {
      case String text -> PythonStrings.length(text);
      case List<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      case Tuple tuple -> tuple.items().size();
      case Undefined none -> 0;
      case null, default -> throw error("object of type '" + typeName(value) + "' has no len()");
    };
  }

  /**
   * Python's {@code ==}: numbers by value whatever their type, lists, tuples and dicts by what they
   * hold.
   */
  static boolean equal(Object a, Object b, Budget budget) {
    if (a == b) {
      return !(a instanceof Double number && number.isNaN());
    }
    if (a == null || b == null) {
      return false;
    }
    budget.step();
    if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
      budget.look(Numbers.bits(a) + Numbers.bits(b));
      return Numbers.compare(a, b) == 0;
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      return equalLists(left, right, budget);
    }
    if (a instanceof Tuple left && b instanceof Tuple right) {
      return equalLists(left.items(), right.items(), budget);
    }
    if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      return equalMaps(left, right, budget);
    }
    if (a instanceof Undefined && b instanceof Undefined) {
      return true;
    }
    if (a instanceof String left && b instanceof String right) {
      budget.look(Math.min(left.length(), right.length()));
      return left.equals(right);
    }
    return false;
  }

  private static boolean equalLists(List<?> left, List<?> right, Budget budget) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (!equal(left.get(i), right.get(i), budget)) {
        return false;
      }
    }
    return true;
  }

  private static boolean equalMaps(Map<?, ?> left, Map<?, ?> right, Budget budget) {
    if (left.size() != right.size()) {
      return false;
    }
    for (var entry : left.entrySet()) {
      if (!right.containsKey(entry.getKey())
          || !equal(entry.getValue(), right.get(entry.getKey()), budget)) {
        return false;
      }
    }
    return true;
  }

  /** Order of two values as by {@code <}; an error where Python has none. */
  static int compare(Object a, Object b, Budget budget) {
    budget.step();
    if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
      budget.look(Numbers.bits(a) + Numbers.bits(b));
      return Numbers.compare(a, b);
    }
    if (a instanceof String left && b instanceof String right) {
      budget.look(Math.min(left.length(), right.length()));
      return PythonStrings.compare(left, right);
    }
    List<?> left =
        a instanceof Tuple tuple ? tuple.items() : a instanceof List<?> list ? list : null;
    List<?> right =
        b instanceof Tuple tuple ? tuple.items() : b instanceof List<?> list ? list : null;
    if (left == null || right == null || a instanceof Tuple != b instanceof Tuple) {
      defined(a);
      defined(b);
      throw error("'" + typeName(a) + "' and '" + typeName(b) + "' can't be put in order");
    }
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      if (!equal(left.get(i), right.get(i), budget)) {
        return compare(left.get(i), right.get(i), budget);
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  /**
   * A value as a dict's key: what Python can't hash is refused, and so is what would take long to.
   */
  static Object key(Object value, Budget budget) {
    if (value instanceof Tuple tuple) {
      budget.make(tuple.items().size()); // its hash looks at each
    }
    boolean hashable =
        !(value instanceof List || value instanceof Map)
            && !(value instanceof Tuple tuple
                && tuple.items().stream().anyMatch(Values::isContainer));
    if (!hashable) {
      throw error("a '" + typeName(value) + "' can't be a key");
    }
    return value;
  }

  private static boolean isContainer(Object value) {
    return value instanceof List || value instanceof Map || value instanceof Tuple;
  }

  /** Python's {@code in}. */
  static boolean contains(Object container, Object item, Budget budget) {
    switch (container) {
      case String text -> {
        if (item instanceof String part) {
          return PythonStrings.indexOf(text, part, 0, budget) >= 0;
        }
        defined(item);
        throw error("'in <string>' requires string as left operand, not " + typeName(item));
      }
      case Map<?, ?> map -> {
        return map.containsKey(key(item, budget));
      }
      case null, default -> {
        if (!(container instanceof List
            || container instanceof Tuple
            || container instanceof Undefined)) {
          throw error("argument of type '" + typeName(container) + "' is not iterable");
        }
        for (Object element : iterate(container, budget)) {
          if (equal(element, item, budget)) {
            return true;
          }
        }
        return false;
      }
    }
  }

  /** The value itself, or the error that it is undefined. */
  static Object defined(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    return value;
  }
}
