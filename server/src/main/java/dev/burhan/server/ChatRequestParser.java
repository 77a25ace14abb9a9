package dev.burhan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.Reasoning;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads a chat completion request. Nothing is accepted and then left out of account, but for the
 * parameters of {@link #WITHOUT_EFFECT}, which can't change an answer; everything else that is not
 * supported is refused by name. docs/server.md has the same lists for people.
 */
final class ChatRequestParser {
  private static final int MAX_STOPS = 4;
  private static final int MAX_CHOICES = 16;

  /** Taken into account. */
  private static final Set<String> SUPPORTED =
      Set.of(
          "model",
          "messages",
          "stream",
          "stream_options",
          "max_tokens",
          "max_completion_tokens",
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "repetition_penalty",
          "presence_penalty",
          "frequency_penalty",
          "logit_bias",
          "logprobs",
          "top_logprobs",
          "seed",
          "n",
          "thinking",
          "reasoning_effort",
          "votes",
          "verify",
          "priority",
          "timeout",
          "receipt",
          "stop",
          "user",
          "safety_identifier");

  /** Accounting and routing at OpenAI; no answer depends on them. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of("metadata", "prompt_cache_key", "prompt_cache_retention");

  /** Accepted with the one value that means what Burhan does anyway. */
  private static final Map<String, Set<String>> ONE_MEANING =
      Map.of(
          "store", Set.of("false"),
          "service_tier", Set.of("\"auto\"", "\"default\""),
          "modalities", Set.of("[\"text\"]"),
          "response_format", Set.of("{\"type\":\"text\"}"),
          "tools", Set.of("[]"),
          "functions", Set.of("[]"),
          "tool_choice", Set.of("\"none\""),
          "function_call", Set.of("\"none\""));

  /** OpenAI's and DeepSeek's, known and not there yet. */
  private static final Set<String> NOT_YET =
      Set.of("audio", "parallel_tool_calls", "prediction", "verbosity", "web_search_options");

  private final Fields body;

  private ChatRequestParser(Fields body) {
    this.body = body;
  }

  static ChatRequest parse(ObjectNode json) {
    return new ChatRequestParser(new Fields("", json)).request();
  }

  private ChatRequest request() {
    for (String name : body.names()) {
      check(name);
    }
    String model = body.text("model").orElseThrow(() -> body.missing("model"));
    boolean stream = body.flag("stream").orElse(false);
    boolean receipt = body.flag("receipt").orElse(false);
    ReasoningFields thinking = ReasoningFields.of(body);
    return new ChatRequest(
        model,
        Messages.of(body),
        stream,
        usageAtEnd(stream),
        maxTokens(),
        SamplingFields.of(body),
        stops(),
        body.flag("logprobs").orElse(false),
        choices(thinking.reasoning(), receipt),
        thinking,
        ServiceFields.of(body),
        receipt,
        attributes());
  }

  private void check(String name) {
    if (SUPPORTED.contains(name) || WITHOUT_EFFECT.contains(name)) {
      return;
    }
    Set<String> allowed = ONE_MEANING.get(name);
    if (allowed == null && !NOT_YET.contains(name)) {
      throw body.unknown(name);
    }
    if (!body.has(name)) {
      return; // null, that is absent
    }
    if (allowed == null) {
      throw ApiError.unsupported(name, "'%s' is not supported yet; leave it out.".formatted(name));
    }
    if (!allowed.contains(body.any(name).map(JsonNode::toString).orElseThrow())) {
      throw ApiError.unsupported(
          name,
          "'%s' is not supported yet with this value; supported is %s, or leave it out."
              .formatted(name, String.join(" or ", allowed.stream().sorted().toList())));
    }
  }

  private boolean usageAtEnd(boolean stream) {
    Optional<Fields> options = body.object("stream_options");
    if (options.isEmpty()) {
      return false;
    }
    if (!stream) {
      throw ApiError.badValue("stream_options", "'stream_options' needs 'stream': true.");
    }
    options.get().requireKnown(Set.of("include_usage", "include_obfuscation"));
    if (options.get().flag("include_obfuscation").orElse(false)) {
      throw ApiError.unsupported(
          "stream_options.include_obfuscation",
          "'stream_options.include_obfuscation' is not supported yet; leave it out.");
    }
    return options.get().flag("include_usage").orElse(false);
  }

  private int choices(Reasoning reasoning, boolean receipt) {
    int choices = (int) body.integer("n", 1, MAX_CHOICES).orElse(1);
    boolean weighed = reasoning.votes() > 1 || reasoning.verify();
    if (choices > 1 && (weighed || receipt)) {
      throw ApiError.unsupported(
          "n",
          "'n' above 1 is not supported together with '%s'."
              .formatted(receipt ? "receipt" : reasoning.verify() ? "verify" : "votes"));
    }
    return choices;
  }

  private OptionalInt maxTokens() {
    OptionalLong older = body.integer("max_tokens", 1, Integer.MAX_VALUE);
    OptionalLong newer = body.integer("max_completion_tokens", 1, Integer.MAX_VALUE);
    if (older.isPresent() && newer.isPresent()) {
      throw ApiError.badValue(
          "max_tokens", "Give 'max_tokens' or 'max_completion_tokens', not both.");
    }
    OptionalLong given = newer.isPresent() ? newer : older;
    return given.isPresent() ? OptionalInt.of((int) given.getAsLong()) : OptionalInt.empty();
  }

  private List<String> stops() {
    Optional<JsonNode> given = body.any("stop");
    if (given.isEmpty()) {
      return List.of();
    }
    if (given.get().isTextual()) {
      return List.of(stop("stop", given.get()));
    }
    if (!given.get().isArray()) {
      throw body.badType("stop", "a string or an array of strings");
    }
    if (given.get().size() > MAX_STOPS) {
      throw ApiError.invalid(
          400,
          "array_above_max_length",
          "stop",
          "Invalid 'stop': expected at most %d texts, found %d."
              .formatted(MAX_STOPS, given.get().size()));
    }
    List<String> stops = new ArrayList<>();
    for (int i = 0; i < given.get().size(); i++) {
      stops.add(stop("stop[" + i + "]", given.get().get(i)));
    }
    return stops;
  }

  private static String stop(String path, JsonNode value) {
    if (!value.isTextual()) {
      throw ApiError.badType(path, "a string", Fields.typeOf(value));
    }
    if (value.textValue().isEmpty()) {
      throw ApiError.badValue(path, "Invalid '%s': a stop text is empty.".formatted(path));
    }
    return value.textValue();
  }

  /** What content policies may want to know. */
  private Map<String, String> attributes() {
    Map<String, String> attributes = new HashMap<>();
    body.text("user").ifPresent(value -> attributes.put("user", value));
    body.text("safety_identifier").ifPresent(value -> attributes.put("user", value));
    return attributes;
  }
}
