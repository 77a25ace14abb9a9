package dev.burhan.kernel.receipt;

import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Service;
import dev.burhan.kernel.receipt.Receipt.Maker;
import dev.burhan.kernel.receipt.Receipt.Model;
import dev.burhan.kernel.report.JsonTree;
import dev.burhan.provider.UsageException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** A receipt as JSON and back; docs/receipts.md describes the format. */
final class ReceiptText {
  private static final String VERSION = "burhan_receipt";
  private static final String SHA256 = "sha256";
  private static final String TOKENS = "tokens";

  private ReceiptText() {}

  /** In canonical form, with the hash of all of it. */
  static String of(Receipt receipt) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put(VERSION, Receipt.VERSION);
    tree.put("made_by", maker(receipt.maker()));
    tree.put("model", model(receipt.model()));
    tree.put("template_sha256", receipt.template().orElse(null));
    tree.put("prompt", tokens(receipt.request().prompt()));
    tree.put("request", request(receipt.request()));
    Map<String, Object> answer = tokens(receipt.tokens());
    answer.put("finish_reason", receipt.reason().name().toLowerCase(Locale.ROOT));
    tree.put("answer", answer);
    tree.put(SHA256, Hashes.text(CanonicalJson.of(tree)));
    return CanonicalJson.of(tree);
  }

  private static Map<String, Object> maker(Maker maker) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("burhan", maker.burhan());
    tree.put("java", maker.java());
    tree.put("cpu", maker.cpu());
    tree.put("architecture", maker.architecture());
    tree.put("cpu_features", maker.features());
    return tree;
  }

  private static Map<String, Object> model(Model model) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", model.name());
    tree.put(SHA256, model.sha256());
    tree.put("architecture", model.architecture());
    tree.put("backend", model.backend());
    tree.put("numerics", model.numerics());
    tree.put("batch_invariant", model.batchInvariant());
    tree.put("kv_types", model.kvTypes());
    tree.put("context", model.context());
    return tree;
  }

  private static Map<String, Object> tokens(List<Integer> ids) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put(SHA256, Hashes.tokens(ids));
    tree.put(TOKENS, ids);
    return tree;
  }

  private static Map<String, Object> request(GenerationRequest request) {
    SamplingParameters sampling = request.sampling();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("max_tokens", request.maxTokens());
    tree.put("temperature", sampling.temperature());
    tree.put("top_k", sampling.topK());
    tree.put("top_p", sampling.topP());
    tree.put("min_p", sampling.minP());
    tree.put("repetition_penalty", sampling.repetitionPenalty());
    tree.put("presence_penalty", sampling.presencePenalty());
    tree.put("frequency_penalty", sampling.frequencyPenalty());
    Map<String, Object> bias = new HashMap<>();
    sampling.logitBias().forEach((token, value) -> bias.put(token.toString(), value));
    tree.put("logit_bias", bias);
    tree.put("seed", Long.toString(sampling.seed()));
    tree.put("stop", request.stop());
    tree.put("ignore_end", request.ignoreEnd());
    Reasoning reasoning = request.reasoning();
    tree.put(
        "thinking_budget", reasoning.budget().isPresent() ? reasoning.budget().getAsInt() : null);
    tree.put("votes", reasoning.votes());
    tree.put("verify", reasoning.verify());
    return tree;
  }

  /**
   * Reads a receipt and checks that it fits together.
   *
   * @param what what is read, for errors
   * @throws UsageException if it is no receipt, of another version, damaged, or its hashes are not
   *     those of what it holds
   */
  static Receipt read(String what, byte[] json) {
    if (!(JsonTree.parse(what, json) instanceof Map<?, ?> tree) || !tree.containsKey(VERSION)) {
      throw new UsageException(what + " is no receipt: there is no '" + VERSION + "' in it");
    }
    ReceiptFields fields = new ReceiptFields(what, tree);
    if (fields.integer(VERSION) != Receipt.VERSION) {
      throw new UsageException(
          "%s is a receipt of version %d; this Burhan reads version %d"
              .formatted(what, fields.integer(VERSION), Receipt.VERSION));
    }
    List<Integer> prompt = checked(what, "prompt", fields.object("prompt"));
    ReceiptFields answer = fields.object("answer");
    List<Integer> tokens = checked(what, "answer", answer);
    Map<Object, Object> rest = new HashMap<>(tree);
    rest.remove(SHA256);
    String expected = fields.text(SHA256);
    String found = Hashes.text(CanonicalJson.of(rest));
    if (!found.equals(expected)) {
      throw forged(what, "its own hash", expected, found);
    }
    return new Receipt(
        maker(fields.object("made_by")),
        model(fields.object("model")),
        fields.textIfAny("template_sha256"),
        request(fields.object("request"), prompt),
        tokens,
        reason(answer));
  }

  private static UsageException forged(String what, String which, String expected, String found) {
    return new UsageException(
        "%s was changed after it was made: %s is said to be %s, but what it holds gives %s"
            .formatted(what, which, expected, found));
  }

  private static List<Integer> checked(String what, String part, ReceiptFields fields) {
    List<Integer> ids = fields.ids(TOKENS);
    String found = Hashes.tokens(ids);
    if (!found.equals(fields.text(SHA256))) {
      throw forged(what, "the hash of the " + part + "'s tokens", fields.text(SHA256), found);
    }
    return ids;
  }

  private static Maker maker(ReceiptFields fields) {
    return new Maker(
        fields.text("burhan"),
        fields.text("java"),
        fields.text("cpu"),
        fields.text("architecture"),
        fields.texts("cpu_features"));
  }

  private static Model model(ReceiptFields fields) {
    Map<String, String> kvTypes = new HashMap<>();
    ReceiptFields types = fields.object("kv_types");
    fields
        .map("kv_types")
        .keySet()
        .forEach(plane -> kvTypes.put("" + plane, types.text("" + plane)));
    return new Model(
        fields.text("name"),
        fields.text(SHA256),
        fields.text("architecture"),
        fields.text("backend"),
        fields.text("numerics"),
        fields.flag("batch_invariant"),
        kvTypes,
        fields.integer("context"));
  }

  private static GenerationRequest request(ReceiptFields fields, List<Integer> prompt) {
    OptionalInt budget =
        fields.integerIfAny("thinking_budget").stream().mapToInt(Integer::intValue).findFirst();
    return new GenerationRequest(
        prompt,
        fields.integer("max_tokens"),
        new SamplingParameters(
            fields.number("temperature"),
            fields.integer("top_k"),
            fields.number("top_p"),
            fields.number("min_p"),
            fields.number("repetition_penalty"),
            fields.number("presence_penalty"),
            fields.number("frequency_penalty"),
            bias(fields),
            -1,
            fields.wide("seed")),
        fields.texts("stop"),
        fields.flag("ignore_end"),
        Map.of(),
        Service.DEFAULT,
        new Reasoning(budget, fields.integer("votes"), fields.flag("verify")));
  }

  private static Map<Integer, Double> bias(ReceiptFields fields) {
    Map<Integer, Double> bias = new HashMap<>();
    ReceiptFields values = fields.object("logit_bias");
    for (Object token : fields.map("logit_bias").keySet()) {
      try {
        bias.put(Integer.valueOf(token.toString()), values.number(token.toString()));
      } catch (NumberFormatException e) {
        throw fields.wrong("logit_bias", "numbers by token id");
      }
    }
    return bias;
  }

  private static FinishReason reason(ReceiptFields answer) {
    String word = answer.text("finish_reason");
    return Arrays.stream(FinishReason.values())
        .filter(reason -> reason.name().toLowerCase(Locale.ROOT).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                answer.wrong(
                    "finish_reason",
                    "one of " + Arrays.toString(FinishReason.values()).toLowerCase(Locale.ROOT)));
  }
}
