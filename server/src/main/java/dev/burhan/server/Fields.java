package dev.burhan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One JSON object of a request, read field by field. Errors name the field by its path. As in
 * OpenAI's API a null is an absent field.
 */
final class Fields {
  private final String path;
  private final ObjectNode node;

  /**
   * An object.
   *
   * @param path of the object itself; empty for the whole body
   */
  Fields(String path, ObjectNode node) {
    this.path = path;
    this.node = node;
  }

  /** What an error calls the field. */
  String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  boolean has(String name) {
    return node.hasNonNull(name);
  }

  Optional<JsonNode> any(String name) {
    return has(name) ? Optional.of(node.get(name)) : Optional.empty();
  }

  /** The names of all fields, nulls included. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  void requireKnown(Set<String> known) {
    for (String name : names()) {
      if (!known.contains(name)) {
        throw unknown(name);
      }
    }
  }

  ApiError unknown(String name) {
    return ApiError.invalid(
        400, "unknown_parameter", path(name), "Unknown parameter: '%s'.".formatted(path(name)));
  }

  ApiError missing(String name) {
    return ApiError.invalid(
        400,
        "missing_required_parameter",
        path(name),
        "Missing required parameter: '%s'.".formatted(path(name)));
  }

  Optional<String> text(String name) {
    return any(name)
        .map(
            value -> {
              if (!value.isTextual()) {
                throw badType(name, "a string");
              }
              return value.textValue();
            });
  }

  Optional<Boolean> flag(String name) {
    return any(name)
        .map(
            value -> {
              if (!value.isBoolean()) {
                throw badType(name, "a boolean");
              }
              return value.booleanValue();
            });
  }

  OptionalDouble number(String name, double min, double max) {
    if (!has(name)) {
      return OptionalDouble.empty();
    }
    JsonNode value = node.get(name);
    if (!value.isNumber()) {
      throw badType(name, "a number");
    }
    double number = value.doubleValue();
    if (!(number >= min && number <= max)) {
      throw outside(name, plain(min), plain(max), value.asText());
    }
    return OptionalDouble.of(number);
  }

  OptionalLong integer(String name, long min, long max) {
    if (!has(name)) {
      return OptionalLong.empty();
    }
    JsonNode value = node.get(name);
    if (!value.isIntegralNumber()) {
      throw badType(name, "an integer");
    }
    if (!value.canConvertToLong() || value.longValue() < min || value.longValue() > max) {
      throw outside(name, Long.toString(min), Long.toString(max), value.asText());
    }
    return OptionalLong.of(value.longValue());
  }

  Optional<Fields> object(String name) {
    return any(name)
        .map(
            value -> {
              if (value instanceof ObjectNode object) {
                return new Fields(path(name), object);
              }
              throw badType(name, "an object");
            });
  }

  ApiError badType(String name, String expected) {
    return ApiError.badType(path(name), expected, typeOf(node.get(name)));
  }

  private ApiError outside(String name, String min, String max, String found) {
    return ApiError.badValue(
        path(name),
        "Invalid value for '%s': expected from %s to %s, found %s."
            .formatted(path(name), min, max, found));
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }

  static String typeOf(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "an array";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case NUMBER -> value.isIntegralNumber() ? "an integer" : "a number";
      case OBJECT -> "an object";
      case STRING -> "a string";
      default -> "nothing";
    };
  }
}
