package dev.burhan.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Typed access to a checkpoint's key-value pairs. Values are String, Long, Double, Boolean, or
 * arrays: {@code String[]}, {@code long[]}, {@code double[]}, {@code boolean[]}; an array of
 * anything else is {@code Object[]} of these. Arrays are shared with the checkpoint: don't write to
 * them.
 */
public final class Metadata {
  private final String origin;
  private final Map<String, Object> values;

  /**
   * Copies the map.
   *
   * @param origin the file, for error messages
   */
  public Metadata(String origin, Map<String, Object> values) {
    this.origin = origin;
    this.values = new LinkedHashMap<>(values);
  }

  /** The file that the values come from. */
  public String origin() {
    return origin;
  }

  /** All keys, in file order. */
  public Set<String> keys() {
    return java.util.Collections.unmodifiableSet(values.keySet());
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  /** The value in its stored form. */
  public Optional<Object> value(String key) {
    return Optional.ofNullable(values.get(key));
  }

  public String string(String key) {
    return require(key, String.class, "a string");
  }

  public String string(String key, String otherwise) {
    return has(key) ? string(key) : otherwise;
  }

  /**
   * An integer within {@code [min, max]}; anything else, a missing key included, is a {@link
   * CheckpointException}.
   */
  public int integer(String key, int min, int max) {
    long found = longValue(key);
    if (found < min || found > max) {
      throw wrong(key, "an integer from " + min + " to " + max, Long.toString(found));
    }
    return (int) found;
  }

  public int integer(String key, int min, int max, int otherwise) {
    return has(key) ? integer(key, min, max) : otherwise;
  }

  public OptionalLong optionalLong(String key) {
    return has(key) ? OptionalLong.of(longValue(key)) : OptionalLong.empty();
  }

  private long longValue(String key) {
    Object found = values.get(key);
    if (found instanceof Double number
        && number == Math.rint(number)
        && Math.abs(number) < 1L << 53) {
      return number.longValue(); // JSON writes some integers as 10000.0
    }
    return require(key, Long.class, "an integer");
  }

  /** A finite number. */
  public double real(String key) {
    Object found = values.get(key);
    double number =
        found instanceof Long integer
            ? integer.doubleValue()
            : require(key, Double.class, "a number");
    if (!Double.isFinite(number)) {
      throw wrong(key, "a finite number", Double.toString(number));
    }
    return number;
  }

  public double real(String key, double otherwise) {
    return has(key) ? real(key) : otherwise;
  }

  public boolean bool(String key, boolean otherwise) {
    return has(key) ? require(key, Boolean.class, "true or false") : otherwise;
  }

  public String[] strings(String key) {
    return require(key, String[].class, "an array of strings");
  }

  public long[] integers(String key) {
    return require(key, long[].class, "an array of integers");
  }

  /** An array of numbers; integers are widened. */
  public double[] reals(String key) {
    Object found = values.get(key);
    if (found instanceof long[] integers) {
      return java.util.Arrays.stream(integers).asDoubleStream().toArray();
    }
    return require(key, double[].class, "an array of numbers");
  }

  private <T> T require(String key, Class<T> type, String expected) {
    Object found = values.get(key);
    if (found == null) {
      throw new CheckpointException(
          origin + ": key '" + key + "' is missing; expected " + expected);
    }
    if (type.isArray() && found instanceof Object[] array && array.length == 0) {
      return type.cast(java.lang.reflect.Array.newInstance(type.componentType(), 0)); // JSON's []
    }
    if (!type.isInstance(found)) {
      throw wrong(key, expected, describe(found));
    }
    return type.cast(found);
  }

  private CheckpointException wrong(String key, String expected, String found) {
    return new CheckpointException(
        origin + ": key '" + key + "' should be " + expected + ", found " + found);
  }

  private static String describe(Object value) {
    if (value.getClass().isArray()) {
      return "an array of " + java.lang.reflect.Array.getLength(value) + " values";
    }
    String text = value.toString().replaceAll("\\p{Cntrl}", " "); // an error is one line
    return value.getClass().getSimpleName()
        + " "
        + (text.length() > 40 ? text.substring(0, 40) + "..." : text);
  }
}
