package dev.burhan.text.template;

import dev.burhan.text.TemplateException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a call is given.
 *
 * @param positional in order
 * @param named by name
 */
record Arguments(List<Object> positional, Map<String, Object> named) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  /**
   * Assigns the arguments to parameters.
   *
   * @param callee for error messages
   * @return the values in the order of the names; {@link Bound#has} tells which were given
   */
  Bound bind(String callee, String... names) {
    if (positional.size() > names.length) {
      throw new TemplateException(
          "Chat template: "
              + callee
              + " takes at most "
              + names.length
              + " arguments, found "
              + positional.size());
    }
    var values = new Object[names.length];
    var given = new boolean[names.length];
    for (int i = 0; i < positional.size(); i++) {
      values[i] = positional.get(i);
      given[i] = true;
    }
    for (var entry : named.entrySet()) {
      int i = Arrays.asList(names).indexOf(entry.getKey());
      if (i < 0 || given[i]) {
        throw new TemplateException(
            "Chat template: "
                + callee
                + (i < 0 ? " has no argument '" : " got two values for '")
                + entry.getKey()
                + "'");
      }
      values[i] = entry.getValue();
      given[i] = true;
    }
    return new Bound(callee, names, values, given);
  }

  /** Arguments by parameter. */
  record Bound(String callee, String[] names, Object[] values, boolean[] given) {
    boolean has(int i) {
      return given[i];
    }

    Object get(int i) {
      if (!given[i]) {
        throw new TemplateException(
            "Chat template: " + callee + " needs the argument '" + names[i] + "'");
      }
      return values[i];
    }

    Object get(int i, Object otherwise) {
      return given[i] ? values[i] : otherwise;
    }

    String string(int i) {
      if (get(i) instanceof String text) {
        return text;
      }
      throw wrong(i, "a string");
    }

    /** The string, or null where it is absent or none. */
    String string(int i, String otherwise) {
      return !given[i] || values[i] == null ? otherwise : string(i);
    }

    boolean truth(int i, boolean otherwise) {
      return given[i] ? Values.truth(values[i]) : otherwise;
    }

    int integer(int i, int otherwise) {
      if (!given[i] || values[i] == null) {
        return otherwise;
      }
      if (values[i] instanceof Long number && Math.abs(number) <= Integer.MAX_VALUE) {
        return number.intValue();
      }
      throw wrong(i, "an integer");
    }

    private TemplateException wrong(int i, String expected) {
      return new TemplateException(
          "Chat template: "
              + callee
              + ": '"
              + names[i]
              + "' should be "
              + expected
              + ", found "
              + Values.typeName(values[i]));
    }
  }
}
