package dev.burhan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.GenerationEvent.Alternative;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.text.Tokenizer;
import java.nio.charset.StandardCharsets;

/** Collects the probabilities of tokens; those of the thought apart, as DeepSeek does. */
final class Logprobs {
  private final Tokenizer tokenizer;
  private ArrayNode answer = JsonNodeFactory.instance.arrayNode();
  private ArrayNode thought = JsonNodeFactory.instance.arrayNode();

  Logprobs(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  void add(Text text) {
    ArrayNode tokens = text.reasoning() ? thought : answer;
    for (GeneratedToken token : text.tokens()) {
      ArrayNode top =
          describe(tokens.addObject(), token.id(), token.logprob()).putArray("top_logprobs");
      for (Alternative alternative : token.alternatives()) {
        describe(top.addObject(), alternative.id(), alternative.logprob());
      }
    }
  }

  private ObjectNode describe(ObjectNode node, int id, float logprob) {
    byte[] bytes = tokenizer.bytes(id);
    node.put("id", id); // as llama.cpp's server has it: text alone does not tell a token
    node.put("token", new String(bytes, StandardCharsets.UTF_8));
    node.put("logprob", logprob);
    ArrayNode values = node.putArray("bytes");
    for (byte value : bytes) {
      values.add(value & 0xff);
    }
    return node;
  }

  /** What was collected since the last call. */
  JsonNode take() {
    if (answer.isEmpty() && thought.isEmpty()) {
      return NullNode.getInstance();
    }
    ObjectNode node = Json.object();
    node.set("content", answer.isEmpty() ? NullNode.getInstance() : answer);
    if (!thought.isEmpty()) {
      node.set("reasoning_content", thought);
    }
    node.putNull("refusal");
    answer = JsonNodeFactory.instance.arrayNode();
    thought = JsonNodeFactory.instance.arrayNode();
    return node;
  }
}
