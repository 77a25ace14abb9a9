package dev.burhan.kernel.receipt;

import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an answer was made from, and what it was.
 *
 * @param template SHA-256 of the chat template's text; empty if the model has none
 * @param request what was asked for, the prompt's token ids included
 * @param tokens ids of the answer's tokens
 * @param reason why it ended
 */
record Receipt(
    Maker maker,
    Model model,
    Optional<String> template,
    GenerationRequest request,
    List<Integer> tokens,
    FinishReason reason) {

  /** The format's version. */
  static final int VERSION = 1;

  /** Who made it, for people: nothing of this changes an answer unless numerics differ too. */
  record Maker(String burhan, String java, String cpu, String architecture, List<String> features) {
    Maker {
      features = List.copyOf(features);
    }
  }

  /**
   * What made the answer.
   *
   * @param name how it was asked for
   * @param sha256 of the checkpoint's content
   * @param backend the backend's or library's name
   * @param numerics two programs of one checkpoint with equal ids give equal bits
   * @param batchInvariant whether that holds whatever else was in the batch
   * @param kvTypes how keys and values are stored, by plane
   * @param context most tokens of prompt and answer
   */
  record Model(
      String name,
      String sha256,
      String architecture,
      String backend,
      String numerics,
      boolean batchInvariant,
      Map<String, String> kvTypes,
      int context) {
    Model {
      kvTypes = Map.copyOf(kvTypes);
    }
  }

  Receipt {
    tokens = List.copyOf(tokens);
  }

  /**
   * Whether the answer ended by what is not in the receipt: time, a client, a policy. What it has
   * is the beginning of what the model would have said.
   */
  boolean brokenOff() {
    return switch (reason) {
      case STOP, LENGTH -> false;
      case BLOCKED, TIMEOUT, CANCELLED -> true;
    };
  }
}
