package dev.burhan.kernel.receipt;

import dev.burhan.engine.LoadedModel;
import dev.burhan.kernel.receipt.Receipt.Maker;
import dev.burhan.kernel.receipt.Receipt.Model;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.BurhanException;
import dev.burhan.text.Tokenizer;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a replay showed.
 *
 * @param here the model that it ran on
 * @param template SHA-256 of that model's chat template
 */
record ReplayReport(
    Receipt receipt,
    Replay replay,
    Model here,
    Optional<String> template,
    Maker maker,
    Optional<Tokenizer> tokenizer) {

  /** Tokens that are shown before a departure. */
  private static final int BEFORE = 12;

  static ReplayReport of(Receipt receipt, Replay replay, Model here, LoadedModel model) {
    return new ReplayReport(
        receipt,
        replay,
        here,
        KernelReceipts.template(model),
        KernelReceipts.maker(),
        tokenizer(model));
  }

  /** Some checkpoints have none: ids tell enough then. */
  private static Optional<Tokenizer> tokenizer(LoadedModel model) {
    try {
      return Optional.of(model.tokenizer());
    } catch (BurhanException e) {
      return Optional.empty();
    }
  }

  /** What is not as it was, whether or not it changed the answer. */
  List<String> differences() {
    List<String> differences = new ArrayList<>();
    Model made = receipt.model();
    differ(differences, "the model's content", made.sha256(), here.sha256());
    differ(differences, "the numerics", made.numerics(), here.numerics());
    differ(differences, "the keys' and values' types", made.kvTypes(), here.kvTypes());
    differ(differences, "the context", made.context(), here.context());
    if (receipt.template().isPresent()) {
      differ(
          differences,
          "the chat template (the receipt's tokens were replayed as they are)",
          receipt.template().get(),
          template.orElse("none"));
    }
    if (!made.batchInvariant()) {
      differences.add("the receipt's numerics are not batch invariant: " + made.numerics());
    }
    if (!here.batchInvariant()) {
      differences.add("the numerics here are not batch invariant: " + here.numerics());
    }
    differ(differences, "Burhan's version", receipt.maker().burhan(), maker.burhan());
    return differences;
  }

  private static void differ(List<String> differences, String what, Object made, Object here) {
    if (!made.equals(here)) {
      differences.add("%s: receipt %s, here %s".formatted(what, made, here));
    }
  }

  void print(PrintStream out) {
    int count = receipt.tokens().size();
    if (replay.equal()) {
      out.println(
          "equal to the bit: %d tokens%s, sha256 %s, numerics %s%s"
              .formatted(
                  count,
                  receipt.brokenOff() ? " of an answer that was broken off" : "",
                  Hashes.tokens(receipt.tokens()),
                  here.numerics(),
                  here.batchInvariant() ? ", batch invariant" : ""));
    } else if (replay.otherEnd()) {
      out.println(
          "departs at its end: all %d tokens are equal, but the receipt's ended by %s and this one by %s"
              .formatted(count, word(receipt.reason()), word(replay.reason())));
    } else {
      int at = replay.departure().getAsInt();
      out.println("departs at token %d of %d".formatted(at + 1, count));
      out.println("  before:  " + JsonText.of(text(before(at))));
      out.println("  receipt: " + token(receipt.tokens(), at, word(receipt.reason())));
      out.println("  here:    " + token(replay.found(), at, word(replay.reason())));
    }
    List<String> differences = differences();
    if (!differences.isEmpty()) {
      out.println(replay.equal() ? "although there differs:" : "known to differ:");
      differences.forEach(line -> out.println("  " + line));
    } else if (!replay.equal()) {
      out.println("nothing is known to differ: model, numerics, template and version are the same");
    }
  }

  private static String word(Enum<?> reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  private List<Integer> before(int at) {
    return receipt.tokens().subList(Math.max(0, at - BEFORE), at);
  }

  private String text(List<Integer> ids) {
    // another model's receipt may have ids that this vocabulary has not
    int[] known = ids.stream().mapToInt(Integer::intValue).filter(this::isKnown).toArray();
    return tokenizer.map(one -> one.decode(known, false)).orElse("");
  }

  private static List<Integer> next(List<Integer> ids, int at) {
    return ids.subList(Math.min(ids.size(), at), Math.min(ids.size(), at + BEFORE));
  }

  private boolean isKnown(int id) {
    return id >= 0 && id < tokenizer.map(Tokenizer::size).orElse(0);
  }

  private String token(List<Integer> ids, int at, String reason) {
    if (at >= ids.size()) {
      return "the end, by " + reason;
    }
    return "token " + ids.get(at) + ", going on " + JsonText.of(text(next(ids, at)));
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("equal", replay.equal());
    json.put("tokens", receipt.tokens().size());
    json.put("departs_at", replay.departure().isPresent() ? replay.departure().getAsInt() : null);
    json.put("receipt_finish_reason", word(receipt.reason()));
    json.put("finish_reason", word(replay.reason()));
    json.put("receipt_sha256", Hashes.tokens(receipt.tokens()));
    json.put("sha256", Hashes.tokens(replay.found()));
    if (replay.departure().isPresent()) {
      int at = replay.departure().getAsInt();
      json.put("before", text(before(at)));
      json.put("receipt_text", text(next(receipt.tokens(), at)));
      json.put("text", text(next(replay.found(), at)));
    }
    json.put("numerics", here.numerics());
    json.put("batch_invariant", here.batchInvariant());
    json.put("differences", differences());
    return json;
  }
}
