package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.TemplateException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A loaded model under the id by which clients ask for it.
 *
 * @param id what requests name
 * @param loaded the model
 * @param chatFormat its chat template
 * @param created when it was loaded
 * @param fingerprint equal for two servers that give equal bits
 */
record ServedModel(
    String id, LoadedModel loaded, ChatFormat chatFormat, Instant created, String fingerprint) {

  /**
   * Makes a model servable.
   *
   * @throws BurhanException if it has no tokenizer or no chat template
   */
  static ServedModel of(String id, LoadedModel loaded) {
    loaded.tokenizer(); // throws if there is none
    ChatFormat format =
        loaded
            .chatFormat()
            .orElseThrow(
                () ->
                    new BurhanException(
                        loaded.name()
                            + " has no chat template, so chats can't be served; burhan run --raw"
                            + " continues plain text"));
    return new ServedModel(
        id, loaded, format, Instant.now(), fingerprint(loaded.plan().numerics().id()));
  }

  private static String fingerprint(String numerics) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(numerics.getBytes(StandardCharsets.UTF_8));
      return "fp_" + HexFormat.of().formatHex(hash, 0, 5);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As {@code GET /v1/models} lists it. */
  ObjectNode json() {
    return Json.object()
        .put("id", id)
        .put("object", "model")
        .put("created", created.getEpochSecond())
        .put("owned_by", "burhan");
  }

  /** What the engine is asked for; everything that can be wrong with the request is told here. */
  GenerationRequest request(ChatRequest chat) {
    ChatPrompt conversation =
        TemplateInput.of(chat.messages(), chatFormat.template(), chat.thinking().thinking());
    int[] prompt = prompt(conversation);
    int context = loaded.plan().limits().context();
    if (prompt.length >= context) {
      throw ApiError.invalid(
          400,
          "context_length_exceeded",
          "messages",
          "The messages are %d tokens long; this model is served with a context of %d tokens for prompt and answer together."
              .formatted(prompt.length, context));
    }
    for (int token : chat.sampling().logitBias().keySet()) {
      if (token < 0 || token >= loaded.info().vocabulary()) {
        throw ApiError.badValue(
            "logit_bias",
            "Invalid key in 'logit_bias': the model has the tokens 0 to %d, found %d."
                .formatted(loaded.info().vocabulary() - 1, token));
      }
    }
    try {
      return new GenerationRequest(
          Arrays.stream(prompt).boxed().toList(),
          chat.maxTokens().orElse(context),
          chat.sampling().over(loaded.recommended(0)),
          chat.stop(),
          false,
          chat.attributes(),
          chat.service(),
          chat.thinking().reasoning(),
          Optional.of(conversation));
    } catch (UsageException e) {
      throw ApiError.invalid(400, "invalid_value", null, e.getMessage());
    }
  }

  /**
   * Goes the way of a request as far as its prompt's tokens: the classes that it takes are loaded
   * before somebody waits for them.
   */
  void rehearse() {
    ObjectNode chat = Json.object().put("model", id);
    chat.putArray("messages").addObject().put("role", "user").put("content", "Good morning!");
    try {
      request(ChatRequestParser.parse(chat));
    } catch (ApiError e) {
      // A template that refuses this, or a tiny context: the first request will be slower.
    }
  }

  private int[] prompt(ChatPrompt conversation) {
    try {
      return loaded.tokenizer().encode(chatFormat.render(conversation), false);
    } catch (TemplateException e) {
      throw ApiError.invalid(
          400,
          "invalid_messages",
          "messages",
          "The model's chat template refuses these messages: " + e.getMessage());
    }
  }
}
