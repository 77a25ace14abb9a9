package dev.burhan.text.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.burhan.provider.BurhanException;
import dev.burhan.text.format.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Files that commands read, with errors that name file and place. */
final class Input {
  private Input() {}

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new BurhanException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new BurhanException(file + ": can't be read: " + e.getMessage(), e);
    }
  }

  static String text(Path file) {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(file));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new BurhanException(
          file + ": expected UTF-8 text, found other bytes at offset " + bytes.position(), e);
    }
  }

  static Object json(Path file) {
    try {
      return Json.read(bytes(file));
    } catch (JsonProcessingException e) {
      throw new BurhanException(file + ": not valid JSON: " + Json.describe(e), e);
    }
  }

  /** The elements of a JSON array. */
  static List<?> list(Object json, String place) {
    if (json instanceof List<?> list) {
      return list;
    }
    throw wrong(place, "an array", json);
  }

  /** An array of objects, or null for a null. */
  @SuppressWarnings(
      "unchecked") // every element is checked to be an object, and JSON's keys are strings
  static List<Map<String, Object>> objects(Object json, String place) {
    if (json == null) {
      return null;
    }
    int index = 0;
    for (Object element : list(json, place)) {
      object(element, place + "[" + index++ + "]");
    }
    return (List<Map<String, Object>>) json;
  }

  @SuppressWarnings("unchecked") // JSON's keys are strings
  static Map<String, Object> object(Object json, String place) {
    if (json instanceof Map<?, ?>) {
      return (Map<String, Object>) json;
    }
    throw wrong(place, "an object", json);
  }

  static String string(Object json, String place) {
    if (json instanceof String text) {
      return text;
    }
    throw wrong(place, "a string", json);
  }

  private static BurhanException wrong(String place, String expected, Object found) {
    String kind =
        switch (found) {
          case null -> "null";
          case String text -> "a string";
          case List<?> list -> "an array";
          case Map<?, ?> map -> "an object";
          case Boolean bool -> bool.toString();
          default -> "a number";
        };
    return new BurhanException(place + " should be " + expected + ", found " + kind);
  }
}
