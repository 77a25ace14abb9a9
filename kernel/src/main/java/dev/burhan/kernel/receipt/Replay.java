package dev.burhan.kernel.receipt;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * A receipt's answer generated again.
 *
 * @param expected the receipt's tokens
 * @param found the tokens of this time
 * @param reason why this one ended
 * @param departure where the first token differs, or one of the two ends before the other; empty if
 *     they are equal
 * @param otherEnd whether the tokens are equal but the reason to end is another
 */
record Replay(
    List<Integer> expected,
    List<Integer> found,
    FinishReason reason,
    OptionalInt departure,
    boolean otherEnd) {

  boolean equal() {
    return departure.isEmpty() && !otherEnd;
  }

  static Replay of(Receipt receipt, LoadedModel model) throws InterruptedException {
    List<Integer> tokens = new ArrayList<>();
    FinishReason reason = receipt.reason();
    if (!receipt.brokenOff() || !receipt.tokens().isEmpty()) {
      reason = generate(model, request(receipt), tokens);
    }
    OptionalInt departure = departure(receipt.tokens(), tokens);
    boolean otherEnd = departure.isEmpty() && !receipt.brokenOff() && reason != receipt.reason();
    return new Replay(receipt.tokens(), List.copyOf(tokens), reason, departure, otherEnd);
  }

  /** What was broken off is generated as far as the receipt has it. */
  private static GenerationRequest request(Receipt receipt) {
    GenerationRequest request = receipt.request();
    return receipt.brokenOff()
        ? new GenerationRequest(
            request.prompt(),
            receipt.tokens().size(),
            request.sampling(),
            request.stop(),
            request.ignoreEnd(),
            request.attributes(),
            request.service(),
            request.reasoning())
        : request;
  }

  private static FinishReason generate(
      LoadedModel model, GenerationRequest request, List<Integer> tokens)
      throws InterruptedException {
    FinishReason reason = FinishReason.CANCELLED;
    try (Generation generation = model.generate(request)) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        switch (event) {
          case GenerationEvent.Text text -> text.tokens().forEach(token -> tokens.add(token.id()));
          case GenerationEvent.Finished finished -> reason = finished.reason();
          default -> {}
        }
      }
    }
    return reason;
  }

  private static OptionalInt departure(List<Integer> expected, List<Integer> found) {
    int shorter = Math.min(expected.size(), found.size());
    for (int i = 0; i < shorter; i++) {
      if (!expected.get(i).equals(found.get(i))) {
        return OptionalInt.of(i);
      }
    }
    return expected.size() == found.size() ? OptionalInt.empty() : OptionalInt.of(shorter);
  }
}
