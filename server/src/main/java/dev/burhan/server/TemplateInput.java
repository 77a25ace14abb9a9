package dev.burhan.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.burhan.text.ChatPrompt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Fits OpenAI's messages to what a model's own chat template reads. */
final class TemplateInput {
  /** OpenAI has a call's arguments as JSON text; a template that encodes them wants the object. */
  private static final Pattern ENCODES_ARGUMENTS = Pattern.compile("arguments\\s*\\|\\s*tojson");

  /** What templates call it: Qwen's and DeepSeek's. */
  private static final Pattern THINKING = Pattern.compile("\\benable_thinking\\b|\\bthinking\\b");

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private TemplateInput() {}

  /**
   * What a template is rendered from.
   *
   * @param thinking whether the model is to think, for a template that can be told; empty for what
   *     is usual
   */
  static ChatPrompt of(
      List<Map<String, Object>> messages, String template, Optional<Boolean> thinking) {
    boolean developers = template.contains("developer");
    boolean objects = ENCODES_ARGUMENTS.matcher(template).find();
    List<Map<String, Object>> fitted = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      Map<String, Object> message = new LinkedHashMap<>(messages.get(i));
      if (!developers && "developer".equals(message.get("role"))) {
        message.put("role", "system"); // OpenAI's newer name for it
      }
      if (objects && message.get("tool_calls") instanceof List<?> calls) {
        message.put("tool_calls", withObjects(calls, "messages[" + i + "].tool_calls"));
      }
      fitted.add(message);
    }
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("add_generation_prompt", true);
    thinking.ifPresent(
        value ->
            THINKING.matcher(template).results().forEach(name -> options.put(name.group(), value)));
    return new ChatPrompt(fitted, null, options);
  }

  private static List<Object> withObjects(List<?> calls, String path) {
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      Map<Object, Object> call = new LinkedHashMap<>((Map<?, ?>) calls.get(i));
      Map<Object, Object> function = new LinkedHashMap<>((Map<?, ?>) call.get("function"));
      function.put(
          "arguments",
          object(function.get("arguments").toString(), path + "[" + i + "].function.arguments"));
      call.put("function", function);
      all.add(call);
    }
    return all;
  }

  private static Map<?, ?> object(String text, String path) {
    try {
      return MAPPER.readValue(text, Map.class);
    } catch (JsonProcessingException e) {
      throw ApiError.badValue(
          path, "Invalid '%s': expected a JSON object as text.".formatted(path));
    }
  }
}
