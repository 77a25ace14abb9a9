package dev.burhan.text.format;

import dev.burhan.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JSON object with its place in its file, so that every wrong type is an error that names it.
 *
 * @param place file and path within it
 * @param values what it holds
 */
record Section(String place, Map<?, ?> values) {

  static Section of(String place, Object value) {
    if (value instanceof Map<?, ?> map) {
      return new Section(place, map);
    }
    throw wrong(place, "an object", value);
  }

  boolean has(String key) {
    return values.get(key) != null;
  }

  Object value(String key) {
    return values.get(key);
  }

  String string(String key) {
    Object value = values.get(key);
    if (value instanceof String text) {
      return text;
    }
    throw wrong(place + "." + key, "a string", value);
  }

  String string(String key, String otherwise) {
    return has(key) ? string(key) : otherwise;
  }

  boolean bool(String key, boolean otherwise) {
    Object value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean bool) {
      return bool;
    }
    throw wrong(place + "." + key, "true or false", value);
  }

  int id(String key) {
    Object value = values.get(key);
    if (value instanceof Integer || value instanceof Long) {
      return Ids.check(((Number) value).longValue(), place + "." + key);
    }
    throw wrong(place + "." + key, "an integer", value);
  }

  Section section(String key) {
    return of(place + "." + key, values.get(key));
  }

  /** The objects of a list. */
  List<Section> sections(String key) {
    var found = new ArrayList<Section>();
    for (Object entry : list(key)) {
      found.add(of(place + "." + key + "[" + found.size() + "]", entry));
    }
    return found;
  }

  List<?> list(String key) {
    Object value = values.get(key);
    if (value instanceof List<?> list) {
      return list;
    }
    throw wrong(place + "." + key, "a list", value);
  }

  CheckpointException unsupported(String what) {
    return new CheckpointException(Json.oneLine(place + ": " + what + " is not supported"));
  }

  private static CheckpointException wrong(String place, String expected, Object found) {
    String text = String.valueOf(found);
    String shown = text.length() > 40 ? text.substring(0, 40) + "..." : text;
    return new CheckpointException(
        Json.oneLine(
            place + " should be " + expected + ", found " + (found == null ? "nothing" : shown)));
  }
}
