package dev.burhan.checkpoint.convert;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.gguf.GgufOutput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A folder's byte-level BPE tokenizer and chat template as GGUF's keys. */
final class TokenizerKeys {
  // values of token_type
  private static final int NORMAL = 1;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int UNUSED = 5;

  private static final String PREFIX = "tokenizer.ggml.";

  private final Checkpoint folder;
  private final String origin;
  private final Map<?, ?> tokenizer;
  private final Map<?, ?> config;
  private final String[] tokens;
  private final int[] types;
  private final Map<String, Integer> ids = new HashMap<>();

  private TokenizerKeys(Checkpoint folder, byte[] document, int vocabulary) {
    this.folder = folder;
    this.origin = folder.path().resolve("tokenizer.json").toString();
    this.tokenizer = JsonTree.read(origin, document);
    this.config =
        folder
            .document("tokenizer_config.json")
            .<Map<?, ?>>map(bytes -> JsonTree.read(origin("tokenizer_config.json"), bytes))
            .orElse(Map.of());
    this.tokens = new String[vocabulary];
    this.types = new int[vocabulary];
  }

  private String origin(String file) {
    return folder.path().resolve(file).toString();
  }

  /**
   * Adds the keys.
   *
   * @param vocabulary rows of the embedding: as many tokens there must be
   * @return whether the folder has a tokenizer.json
   */
  static boolean add(Checkpoint folder, int vocabulary, GgufOutput out) {
    Optional<byte[]> document = folder.document("tokenizer.json");
    document.ifPresent(bytes -> new TokenizerKeys(folder, bytes, vocabulary).add(out));
    template(folder).ifPresent(text -> out.put("tokenizer.chat_template", text));
    return document.isPresent();
  }

  private void add(GgufOutput out) {
    Object type = JsonTree.at(tokenizer, "model", "type");
    if (type != null && !type.equals("BPE")) {
      throw wrong("model.type should be BPE, found " + type);
    }
    vocabulary();
    out.put(PREFIX + "model", "gpt2");
    out.put(
        PREFIX + "pre",
        PreTokenizerName.of(tokenizer)
            .orElseThrow(
                () ->
                    wrong(
                        "pre_tokenizer is none that GGUF has a name for here (qwen2, llama-bpe,"
                            + " deepseek-v3, smollm, gpt-2)")));
    out.put(PREFIX + "tokens", tokens);
    out.put(PREFIX + "token_type", types);
    out.put(PREFIX + "merges", merges());
    id("bos_token", "bos", out);
    id("eos_token", "eos", out);
    id("pad_token", "padding", out);
    out.put(PREFIX + "add_bos_token", addsBegin());
    out.put(PREFIX + "add_eos_token", Boolean.TRUE.equals(config.get("add_eos_token")));
  }

  private void vocabulary() {
    JsonTree.object(JsonTree.at(tokenizer, "model", "vocab"))
        .forEach((token, id) -> place(String.valueOf(token), id, NORMAL));
    for (Object added : JsonTree.list(tokenizer.get("added_tokens"))) {
      boolean special = Boolean.TRUE.equals(JsonTree.at(added, "special"));
      place(
          String.valueOf(JsonTree.at(added, "content")),
          JsonTree.at(added, "id"),
          special ? CONTROL : USER_DEFINED);
    }
    for (int id = 0; id < tokens.length; id++) {
      if (tokens[id] == null) {
        tokens[id] = "[PAD" + id + "]";
        types[id] = UNUSED;
      }
    }
  }

  private void place(String token, Object id, int type) {
    long at = id instanceof Long number ? number : -1;
    if (at < 0 || at >= tokens.length) {
      throw wrong(
          "token '"
              + token
              + "' should have an id from 0 to "
              + (tokens.length - 1)
              + " (vocab_size of config.json less one), found "
              + id);
    }
    tokens[(int) at] = token;
    types[(int) at] = type;
    ids.put(token, (int) at);
  }

  /** Each as one text with a space between; tokens of byte-level BPE have none in themselves. */
  private String[] merges() {
    List<?> merges = JsonTree.list(JsonTree.at(tokenizer, "model", "merges"));
    return merges.stream()
        .map(
            merge ->
                merge instanceof List<?> pair && pair.size() == 2
                    ? pair.get(0) + " " + pair.get(1)
                    : String.valueOf(merge))
        .toArray(String[]::new);
  }

  private void id(String name, String key, GgufOutput out) {
    Object told = config.get(name);
    Object token = told instanceof Map<?, ?> object ? object.get("content") : told;
    Integer id = token == null ? null : ids.get(token.toString());
    if (id != null) {
      out.put(PREFIX + key + "_token_id", id);
    }
  }

  /** As tokenizer_config.json says, else as the post-processor does it. */
  private boolean addsBegin() {
    if (config.get("add_bos_token") instanceof Boolean told) {
      return told && config.get("bos_token") != null;
    }
    return beginsWithToken(tokenizer.get("post_processor"));
  }

  private static boolean beginsWithToken(Object processor) {
    boolean begins =
        JsonTree.list(JsonTree.at(processor, "single")).stream()
            .findFirst()
            .filter(first -> JsonTree.at(first, "SpecialToken") != null)
            .isPresent();
    return begins
        || JsonTree.list(JsonTree.at(processor, "processors")).stream()
            .anyMatch(TokenizerKeys::beginsWithToken);
  }

  /** A file of its own comes before the tokenizer's configuration. */
  private static Optional<String> template(Checkpoint folder) {
    Optional<byte[]> file = folder.document("chat_template.jinja");
    if (file.isPresent()) {
      return file.map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
    for (String name : Arrays.asList("chat_template.json", "tokenizer_config.json")) {
      Optional<Object> found =
          folder
              .document(name)
              .map(bytes -> JsonTree.read(folder.path().resolve(name).toString(), bytes))
              .map(tree -> tree.get("chat_template"));
      if (found.isPresent()) {
        return found.flatMap(TokenizerKeys::defaultTemplate);
      }
    }
    return Optional.empty();
  }

  /** A template, or the one of a list that is called so. */
  private static Optional<String> defaultTemplate(Object template) {
    return template instanceof String text
        ? Optional.of(text)
        : JsonTree.list(template).stream()
            .filter(one -> "default".equals(JsonTree.at(one, "name")))
            .map(one -> String.valueOf(JsonTree.at(one, "template")))
            .findFirst();
  }

  private CheckpointException wrong(String what) {
    return new CheckpointException(origin + ": " + what);
  }
}
