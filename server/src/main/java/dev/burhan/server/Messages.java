package dev.burhan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A request's messages, turned into the maps that chat templates read. */
final class Messages {
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool");

  /** Fields of every role. */
  private static final Set<String> KNOWN =
      Set.of("role", "content", "name", "tool_calls", "tool_call_id", "reasoning_content");

  /** In what the openai clients give back as an assistant's message; accepted while empty. */
  private static final Set<String> EMPTY =
      Set.of("refusal", "annotations", "audio", "function_call");

  private Messages() {}

  static List<Map<String, Object>> of(Fields body) {
    JsonNode given = body.any("messages").orElseThrow(() -> body.missing("messages"));
    if (!given.isArray()) {
      throw body.badType("messages", "an array of objects");
    }
    if (given.isEmpty()) {
      throw ApiError.invalid(
          400, "empty_array", "messages", "Invalid 'messages': expected at least one message.");
    }
    List<Map<String, Object>> messages = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      String path = "messages[" + i + "]";
      if (!(given.get(i) instanceof ObjectNode object)) {
        throw ApiError.badType(path, "an object", Fields.typeOf(given.get(i)));
      }
      messages.add(message(new Fields(path, object)));
    }
    return messages;
  }

  private static Map<String, Object> message(Fields given) {
    for (String name : given.names()) {
      if (EMPTY.contains(name)) {
        requireEmpty(given, name);
      } else if (!KNOWN.contains(name)) {
        throw given.unknown(name);
      }
    }
    String role = given.text("role").orElseThrow(() -> given.missing("role"));
    if (!ROLES.contains(role)) {
      throw ApiError.badValue(
          given.path("role"),
          "Invalid value for '%s': expected one of %s, found '%s'."
              .formatted(
                  given.path("role"), String.join(", ", ROLES.stream().sorted().toList()), role));
    }
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    boolean calls = given.any("tool_calls").filter(value -> !value.isEmpty()).isPresent();
    if (calls && !role.equals("assistant")) {
      throw given.unknown("tool_calls");
    }
    if (!given.has("content") && !calls) {
      throw given.missing("content");
    }
    message.put("content", content(given));
    for (String name : List.of("name", "tool_call_id", "reasoning_content")) {
      given.text(name).ifPresent(value -> message.put(name, value));
    }
    if (calls) {
      message.put("tool_calls", toolCalls(given));
    }
    return message;
  }

  private static void requireEmpty(Fields given, String name) {
    if (given.any(name).filter(value -> !value.isArray() || !value.isEmpty()).isPresent()) {
      throw ApiError.unsupported(
          given.path(name), "'%s' is not supported yet; leave it out.".formatted(given.path(name)));
    }
  }

  /** A text, or text parts, which are joined by line breaks. */
  private static String content(Fields given) {
    JsonNode content = given.any("content").orElse(null);
    if (content == null) {
      return "";
    }
    if (content.isTextual()) {
      return content.textValue();
    }
    if (!(content instanceof ArrayNode parts)) {
      throw given.badType("content", "a string or an array of text parts");
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      String path = given.path("content") + "[" + i + "]";
      if (!(parts.get(i) instanceof ObjectNode object)) {
        throw ApiError.badType(path, "an object", Fields.typeOf(parts.get(i)));
      }
      texts.add(part(new Fields(path, object)));
    }
    return String.join("\n", texts);
  }

  private static String part(Fields part) {
    String type = part.text("type").orElseThrow(() -> part.missing("type"));
    if (!type.equals("text")) {
      throw ApiError.unsupported(
          part.path("type"),
          "Content of type '%s' is not supported: the model reads text only.".formatted(type));
    }
    part.requireKnown(Set.of("type", "text"));
    return part.text("text").orElseThrow(() -> part.missing("text"));
  }

  private static List<Object> toolCalls(Fields given) {
    JsonNode calls = given.any("tool_calls").orElseThrow();
    if (!calls.isArray()) {
      throw given.badType("tool_calls", "an array");
    }
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      String path = given.path("tool_calls") + "[" + i + "]";
      if (!(calls.get(i) instanceof ObjectNode object)) {
        throw ApiError.badType(path, "an object", Fields.typeOf(calls.get(i)));
      }
      all.add(toolCall(new Fields(path, object)));
    }
    return all;
  }

  private static Map<String, Object> toolCall(Fields call) {
    call.requireKnown(Set.of("id", "type", "function", "index"));
    Fields function = call.object("function").orElseThrow(() -> call.missing("function"));
    function.requireKnown(Set.of("name", "arguments"));
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("name", function.text("name").orElseThrow(() -> function.missing("name")));
    named.put(
        "arguments", function.text("arguments").orElseThrow(() -> function.missing("arguments")));
    Map<String, Object> result = new LinkedHashMap<>();
    call.text("id").ifPresent(id -> result.put("id", id));
    result.put("type", "function");
    result.put("function", named);
    return result;
  }
}
