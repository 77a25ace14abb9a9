package dev.burhan.text;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a chat template is rendered from. Values are what JSON gives: String, Boolean, Integer,
 * Long, Double, BigInteger, List, Map (in key order), null.
 *
 * @param messages maps with {@code role}, {@code content} and whatever else the template reads
 * @param tools tool definitions; null where there are none (templates tell null from an empty list)
 * @param options further variables for the template, such as {@code add_generation_prompt} or
 *     {@code enable_thinking}
 */
public record ChatPrompt(
    List<Map<String, Object>> messages,
    List<Map<String, Object>> tools,
    Map<String, Object> options) {

  public ChatPrompt {
    Objects.requireNonNull(messages, "messages");
    Objects.requireNonNull(options, "options");
  }

  /** One user message, with the generation prompt added. */
  public static ChatPrompt user(String content) {
    return new ChatPrompt(
        List.of(Map.of("role", "user", "content", content)),
        null,
        Map.of("add_generation_prompt", true));
  }
}
