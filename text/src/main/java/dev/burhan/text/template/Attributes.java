package dev.burhan.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code a.b}, {@code a[b]} and {@code a[b:c:d]}. */
final class Attributes {
  private Attributes() {}

  /** {@code object.name}: a method or attribute first, then an entry of that name. */
  static Object attribute(Object object, String name, Run run) {
    Values.defined(object);
    if (object instanceof HasAttributes own) {
      return own.attribute(name);
    }
    if (Methods.has(object, name)) {
      return (Callable) (r, arguments) -> Methods.call(object, name, arguments, r);
    }
    if (object instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    return Undefined.attribute(object, name);
  }

  /** {@code object[key]}: an entry or element first, then a method or attribute of that name. */
  static Object item(Object object, Object key, Run run) {
    Values.defined(object);
    if (object instanceof Map<?, ?> map && map.containsKey(Values.key(key, run.budget()))) {
      return map.get(key);
    }
    if (key instanceof String name) {
      return attribute(object, name, run);
    }
    Long index =
        key instanceof Long number
            ? number
            : key instanceof Boolean bool ? Long.valueOf(bool ? 1 : 0) : null;
    if (index != null && !(object instanceof Map)) {
      return element(object, index, run);
    }
    return new Undefined(
        "'"
            + Values.typeName(object)
            + " object' has no element "
            + Printing.repr(key, run.budget()));
  }

  private static Object element(Object object, long index, Run run) {
    if (object instanceof String text) {
      run.budget().look(text.length());
    }
    List<?> list =
        object instanceof List<?> elements
            ? elements
            : object instanceof Tuple tuple ? tuple.items() : null;
    long size =
        list != null ? list.size() : object instanceof String text ? PythonStrings.length(text) : 0;
    long at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) {
      return new Undefined("'" + Values.typeName(object) + " object' has no element " + index);
    }
    if (list != null) {
      return list.get((int) at);
    }
    String text = (String) object;
    return Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) at)));
  }

  static Object slice(Object object, Object start, Object stop, Object step, Run run) {
    Values.defined(object);
    if (!(object instanceof String || object instanceof List || object instanceof Tuple)) {
      throw Values.error("a '" + Values.typeName(object) + "' object can't be sliced");
    }
    long by = bound(step, 1);
    if (by == 0) {
      throw Values.error("a slice's step can't be zero");
    }
    long size = Values.length(object);
    long from = clamp(bound(start, by > 0 ? 0 : size - 1), start == null, size, by);
    long to = clamp(bound(stop, by > 0 ? size : -1), stop == null, size, by);
    if (object instanceof String text) {
      run.budget().make(text.length());
      return sliceText(text, from, to, by);
    }
    List<?> list = object instanceof Tuple tuple ? tuple.items() : (List<?>) object;
    var slice = new ArrayList<Object>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      slice.add(list.get((int) i));
    }
    run.budget().make(slice.size());
    return object instanceof Tuple ? new Tuple(slice) : slice;
  }

  private static String sliceText(String text, long from, long to, long by) {
    if (by == 1) {
      int begin = text.offsetByCodePoints(0, (int) from);
      return to <= from
          ? ""
          : text.substring(begin, text.offsetByCodePoints(begin, (int) (to - from)));
    }
    int[] points = text.codePoints().toArray();
    var out = new StringBuilder();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      out.appendCodePoint(points[(int) i]);
    }
    return out.toString();
  }

  private static long bound(Object given, long otherwise) {
    return switch (given) {
      case null -> otherwise;
      // far beyond any length, and far from overflow
      case Long number -> Math.clamp(number, -(1L << 40), 1L << 40);
      default -> {
        Values.defined(given);
        throw Values.error("a slice's bounds should be integers, found " + Values.typeName(given));
      }
    };
  }

  private static long clamp(long bound, boolean absent, long size, long by) {
    if (absent) {
      return bound;
    }
    long at = bound < 0 ? bound + size : bound;
    return by > 0 ? Math.clamp(at, 0, size) : Math.clamp(at, -1, size - 1);
  }
}
