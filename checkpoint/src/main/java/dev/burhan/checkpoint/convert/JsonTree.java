package dev.burhan.checkpoint.convert;

import com.fasterxml.jackson.core.JsonToken;
import dev.burhan.checkpoint.safetensors.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON document as maps, lists, texts, numbers and truth values; nulls in objects left out. */
final class JsonTree {
  private JsonTree() {}

  /** An object; empty if the document is anything else. */
  static Map<?, ?> read(String origin, byte[] document) {
    return object(Json.read(origin, document, JsonTree::value));
  }

  private static Object value(Json in) throws IOException {
    return switch (in.token()) {
      case START_OBJECT -> {
        Map<String, Object> members = new LinkedHashMap<>();
        for (String name = in.member(); name != null; name = in.member()) {
          Object member = value(in);
          if (member != null) {
            members.put(name, member);
          }
        }
        yield members;
      }
      case START_ARRAY -> {
        List<Object> items = new ArrayList<>();
        while (in.next() != JsonToken.END_ARRAY) {
          items.add(value(in));
        }
        yield items;
      }
      case VALUE_STRING -> in.text("a text");
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> in.number();
      case null, default -> throw in.fail("expected a value");
    };
  }

  /** What stands at a path of names; null if there is nothing. */
  static Object at(Object tree, String... names) {
    Object found = tree;
    for (String name : names) {
      found = object(found).get(name);
    }
    return found;
  }

  static Map<?, ?> object(Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  static List<?> list(Object value) {
    return value instanceof List<?> list ? list : List.of();
  }
}
