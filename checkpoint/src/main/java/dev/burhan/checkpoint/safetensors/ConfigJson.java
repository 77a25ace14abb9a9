package dev.burhan.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonToken;
import dev.burhan.checkpoint.file.Text;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * config.json as {@link dev.burhan.checkpoint.Metadata}'s values: nested keys joined by dots, nulls
 * left out, arrays of integers, numbers, strings or truth values as Java arrays of these. An array
 * that holds an object is taken apart like an object: {@code list.0.key}.
 */
final class ConfigJson {
  private static final int MOST_KEYS = 1 << 16;
  private static final int LONGEST_KEY = 1_024; // a nested key repeats all names above it

  private static final int USUAL_KEYS = 1 << 16; // characters of all keys of a small file
  private static final int KEYS_PER_BYTE = 4;

  private final Json in;
  private final Map<String, Object> values = new LinkedHashMap<>();
  private long keyCharacters; // that the file's size allows for

  private ConfigJson(Json in, long size) {
    this.in = in;
    keyCharacters = USUAL_KEYS + KEYS_PER_BYTE * size;
  }

  static Map<String, Object> flatten(String origin, byte[] json) {
    return Json.read(
        origin,
        json,
        in -> {
          in.expect(JsonToken.START_OBJECT, "expected an object");
          var config = new ConfigJson(in, json.length);
          config.object("");
          return config.values;
        });
  }

  private void object(String path) throws IOException {
    for (String name = in.member(); name != null; name = in.member()) {
      value(path.isEmpty() ? name : path + "." + name);
    }
  }

  private void value(String path) throws IOException {
    if (path.length() > LONGEST_KEY) {
      throw in.fail(
          "the nested key " + Text.quoted(path) + " is longer than " + LONGEST_KEY + " characters");
    }
    switch (in.token()) {
      case START_OBJECT -> object(path);
      case START_ARRAY -> put(path, array());
      case VALUE_NULL -> {}
      default -> put(path, scalar());
    }
  }

  private Object scalar() throws IOException {
    return switch (in.token()) {
      case VALUE_STRING -> in.text("a string");
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> in.number();
    };
  }

  /** Objects within arrays come as maps here; see {@link #put}. */
  private Object array() throws IOException {
    var elements = new ArrayList<Object>();
    while (in.next() != JsonToken.END_ARRAY) {
      elements.add(
          switch (in.token()) {
            case START_ARRAY -> array();
            case START_OBJECT -> members();
            case VALUE_NULL -> null;
            default -> scalar();
          });
    }
    return typed(elements);
  }

  private Map<String, Object> members() throws IOException {
    var members = new LinkedHashMap<String, Object>();
    for (String name = in.member(); name != null; name = in.member()) {
      if (members.containsKey(name)) {
        throw in.fail("key " + Text.quoted(name) + " is there twice");
      }
      members.put(
          name,
          switch (in.token()) {
            case START_OBJECT -> members();
            case START_ARRAY -> array();
            case VALUE_NULL -> null;
            default -> scalar();
          });
    }
    return members;
  }

  private static Object typed(List<Object> elements) {
    if (!elements.isEmpty() && elements.stream().allMatch(e -> e instanceof Long)) {
      return elements.stream().mapToLong(e -> (Long) e).toArray();
    }
    if (!elements.isEmpty() && elements.stream().allMatch(e -> e instanceof Number)) {
      return elements.stream().mapToDouble(e -> ((Number) e).doubleValue()).toArray();
    }
    if (!elements.isEmpty() && elements.stream().allMatch(e -> e instanceof String)) {
      return elements.toArray(String[]::new);
    }
    if (!elements.isEmpty() && elements.stream().allMatch(e -> e instanceof Boolean)) {
      var bools = new boolean[elements.size()];
      for (int i = 0; i < bools.length; i++) {
        bools[i] = (Boolean) elements.get(i);
      }
      return bools;
    }
    return elements.toArray();
  }

  private void put(String path, Object value) {
    if (path.length() > LONGEST_KEY || values.size() == MOST_KEYS) {
      throw in.fail(
          "more than "
              + MOST_KEYS
              + " keys, or a nested key of more than "
              + LONGEST_KEY
              + " characters");
    }
    keyCharacters -= path.length();
    if (keyCharacters < 0) {
      throw in.fail("long names with many members each: the keys are larger than the whole file");
    }
    if (value == null) {
      return;
    }
    if (value instanceof Map<?, ?> members) {
      members.forEach((name, member) -> put(path + "." + name, member));
    } else if (value instanceof Object[] elements && holdsObject(elements)) {
      for (int i = 0; i < elements.length; i++) {
        put(path + "." + i, elements[i]);
      }
    } else if (values.put(path, value) != null) {
      throw in.fail("key " + Text.quoted(path) + " is there twice");
    }
  }

  private static boolean holdsObject(Object[] elements) {
    for (Object element : elements) {
      if (element instanceof Map || element instanceof Object[] inner && holdsObject(inner)) {
        return true;
      }
    }
    return false;
  }
}
