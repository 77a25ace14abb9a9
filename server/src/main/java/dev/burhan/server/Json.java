package dev.burhan.server;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/** JSON in and out. */
final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads one JSON object; what is none is told with its position. */
  static ObjectNode parse(byte[] body) {
    JsonNode node;
    try {
      node = MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      throw malformed(e);
    } catch (IOException e) { // bytes that are no UTF-8
      throw malformed("The body is not valid JSON: " + e.getMessage() + ".");
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw malformed(
        node.isMissingNode()
            ? "The body is empty; expected a JSON object."
            : "The body should be a JSON object, found " + Fields.typeOf(node) + ".");
  }

  private static ApiError malformed(JsonProcessingException error) {
    JsonLocation at = error.getLocation();
    String place =
        at == null
            ? ""
            : " at line %d, column %d (byte %d)"
                .formatted(at.getLineNr(), at.getColumnNr(), at.getByteOffset());
    String problem = error.getOriginalMessage().lines().findFirst().orElse("").strip();
    return malformed("The body is not valid JSON%s: %s.".formatted(place, problem));
  }

  private static ApiError malformed(String message) {
    return ApiError.invalid(400, "invalid_json", null, message);
  }
}
