package dev.burhan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Usage;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The JSON of one chat completion, whole or in chunks (OpenAI API reference, "The chat completion
 * object" and "The chat completion chunk object"; {@code reasoning_content} as in DeepSeek's).
 *
 * @param id of the completion
 * @param created in seconds since 1970
 * @param usageAtEnd whether the last chunk has the usage, and all others say that they have none
 */
record Completion(String id, long created, String model, String fingerprint, boolean usageAtEnd) {

  /** The field of what is Burhan's own. */
  static final String EXTRAS = "burhan";

  static Completion of(ServedModel model, ChatRequest request) {
    return new Completion(
        "chatcmpl-" + UUID.randomUUID().toString().replace("-", ""),
        Instant.now().getEpochSecond(),
        model.id(),
        model.fingerprint(),
        request.usageAtEnd());
  }

  private ObjectNode head(String object) {
    return Json.object()
        .put("id", id)
        .put("object", object)
        .put("created", created)
        .put("model", model)
        .put("system_fingerprint", fingerprint);
  }

  /**
   * A choice.
   *
   * @param what "message" for a whole one, "delta" for a part of it
   * @param logprobs of its tokens; null if not asked for
   * @param finishReason null for all but the last part
   */
  static ObjectNode choice(
      int index, String what, ObjectNode content, JsonNode logprobs, String finishReason) {
    ObjectNode choice = Json.object().put("index", index);
    choice.set(what, content);
    choice.set("logprobs", logprobs);
    return choice.put("finish_reason", finishReason);
  }

  /** A part of a choice. */
  ObjectNode chunk(int index, ObjectNode delta, JsonNode logprobs, String finishReason) {
    ObjectNode chunk = head("chat.completion.chunk");
    chunk.putArray("choices").add(choice(index, "delta", delta, logprobs, finishReason));
    if (usageAtEnd) {
      chunk.putNull("usage");
    }
    return chunk;
  }

  ObjectNode usageChunk(Usage usage) {
    ObjectNode chunk = head("chat.completion.chunk");
    chunk.putArray("choices");
    chunk.set("usage", json(usage));
    return chunk;
  }

  ObjectNode whole(List<ObjectNode> choices, Usage usage) {
    ObjectNode whole = head("chat.completion");
    whole.putArray("choices").addAll(choices);
    whole.set("usage", json(usage));
    return whole;
  }

  private static ObjectNode json(Usage usage) {
    ObjectNode node =
        Json.object()
            .put("prompt_tokens", usage.prompt())
            .put("completion_tokens", usage.generated())
            .put("total_tokens", usage.prompt() + usage.generated())
            .put("prompt_cache_hit_tokens", usage.cached()) // DeepSeek's names for it
            .put("prompt_cache_miss_tokens", usage.prompt() - usage.cached());
    node.putObject("prompt_tokens_details").put("cached_tokens", usage.cached());
    ObjectNode details =
        node.putObject("completion_tokens_details").put("reasoning_tokens", usage.reasoning());
    if (usage.drafted() > 0) { // not OpenAI's: theirs count guesses that a request brings along
      details.put("drafted_tokens", usage.drafted()).put("accepted_draft_tokens", usage.accepted());
    }
    return node;
  }

  /**
   * OpenAI's word for it.
   *
   * @throws ApiError if the generation was broken off: that is no answer
   */
  static String word(FinishReason reason) {
    return switch (reason) {
      case STOP -> "stop";
      case LENGTH, TIMEOUT -> "length";
      case BLOCKED -> "content_filter";
      case CANCELLED -> throw brokenOff();
    };
  }

  static ApiError brokenOff() {
    return ApiError.unavailable(
        "server_ending",
        "The server is about to end and broke the answer off.",
        Serving.RETRY_AFTER_SECONDS);
  }
}
