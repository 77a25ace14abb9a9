package dev.burhan.text.format;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.template.JinjaChatFormat;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds a checkpoint's chat template, and the special tokens that it may name. */
final class ChatTemplates {
  private static final String GGUF_TEMPLATE = "tokenizer.chat_template";
  private static final String TEMPLATE = "chat_template";
  private static final List<String> NAMES =
      List.of("bos_token", "eos_token", "unk_token", "pad_token");

  private ChatTemplates() {}

  static Optional<ChatFormat> of(Checkpoint checkpoint) {
    return checkpoint.format().equals("gguf")
        ? gguf(checkpoint.metadata())
        : huggingFace(checkpoint);
  }

  private static Optional<ChatFormat> gguf(Metadata metadata) {
    if (!metadata.has(GGUF_TEMPLATE)) {
      return Optional.empty();
    }
    var tokens = new LinkedHashMap<String, String>();
    String[] pieces =
        metadata.has("tokenizer.ggml.tokens")
            ? metadata.strings("tokenizer.ggml.tokens")
            : new String[0];
    for (String name : NAMES) {
      String key = "tokenizer.ggml." + ggml(name) + "_token_id";
      if (metadata.has(key)) {
        int id = metadata.integer(key, 0, Integer.MAX_VALUE);
        if (id < pieces.length) {
          tokens.put(name, pieces[id]);
        }
      }
    }
    String tools = metadata.string(GGUF_TEMPLATE + ".tool_use", null);
    return Optional.of(format(metadata.origin(), metadata.string(GGUF_TEMPLATE), tools, tokens));
  }

  private static String ggml(String name) {
    return switch (name) {
      case "bos_token" -> "bos";
      case "eos_token" -> "eos";
      case "unk_token" -> "unknown";
      default -> "padding";
    };
  }

  /**
   * In the order in which transformers looks: files of their own come before the tokenizer's
   * configuration.
   */
  private static Optional<ChatFormat> huggingFace(Checkpoint checkpoint) {
    Optional<Section> config =
        HuggingFaceTokenizer.document(checkpoint, HuggingFaceTokenizer.CONFIG);
    var tokens = new LinkedHashMap<String, String>();
    config.ifPresent(
        c -> {
          for (String name : NAMES) {
            HuggingFaceTokenizer.tokenName(c, name).ifPresent(text -> tokens.put(name, text));
          }
        });
    Optional<byte[]> jinja = checkpoint.document("chat_template.jinja");
    String origin = checkpoint.path().toString();
    if (jinja.isPresent()) {
      return Optional.of(
          format(origin, new String(jinja.get(), StandardCharsets.UTF_8), null, tokens));
    }
    Optional<Section> file = HuggingFaceTokenizer.document(checkpoint, "chat_template.json");
    Section holder =
        file.filter(f -> f.has(TEMPLATE))
            .or(() -> config.filter(c -> c.has(TEMPLATE)))
            .orElse(null);
    return holder == null ? Optional.empty() : Optional.of(listed(origin, holder, tokens));
  }

  /** A template, or a list of named ones. */
  private static ChatFormat listed(String origin, Section holder, Map<String, String> tokens) {
    if (holder.value(TEMPLATE) instanceof String template) {
      return format(origin, template, null, tokens);
    }
    var byName = new LinkedHashMap<String, String>();
    for (Section entry : holder.sections(TEMPLATE)) {
      byName.put(entry.string("name"), entry.string("template"));
    }
    String template =
        byName.getOrDefault(
            "default", byName.size() == 1 ? byName.values().iterator().next() : null);
    if (template == null) {
      throw new CheckpointException(
          Json.oneLine(
              holder.place()
                  + "."
                  + TEMPLATE
                  + ": none of the templates is named 'default'; found "
                  + byName.keySet()));
    }
    return format(origin, template, byName.get("tool_use"), tokens);
  }

  private static ChatFormat format(
      String origin, String template, String toolUse, Map<String, String> tokens) {
    return OpenedThought.of(
        new JinjaChatFormat(origin, template, toolUse, tokens, Clock.systemDefaultZone()));
  }
}
