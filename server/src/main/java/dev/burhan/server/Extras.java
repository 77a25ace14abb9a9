package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.backend.Plan;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What Burhan adds to an answer of OpenAI's form, all of it in one object, {@code burhan}: clients
 * of OpenAI's leave it alone.
 */
final class Extras {
  private final ServedModel model;
  private final Plan begun;
  private final GenerationRequest request;
  private final Optional<Serving.Receipts> receipts;
  private final List<Integer> tokens = new ArrayList<>();

  /**
   * Collects for one answer.
   *
   * @param receipts makes its receipt, if one is wanted
   */
  Extras(ServedModel model, GenerationRequest request, Optional<Serving.Receipts> receipts) {
    this.model = model;
    this.begun = model.loaded().plan();
    this.request = request;
    this.receipts = receipts;
  }

  void text(Text text) {
    if (receipts.isPresent()) {
      for (GeneratedToken token : text.tokens()) {
        tokens.add(token.id());
      }
    }
  }

  /** The object, if there is something to tell. */
  Optional<ObjectNode> of(Finished finished) {
    ObjectNode burhan = Json.object();
    receipts.ifPresent(
        maker -> {
          String receipt =
              maker.of(model, begun, request.alone(finished.tally()), tokens, finished.reason());
          burhan.set("receipt", Json.parse(receipt.getBytes(StandardCharsets.UTF_8)));
        });
    finished.tally().ifPresent(tally -> burhan.set("tally", TallyJson.of(tally)));
    return burhan.isEmpty() ? Optional.empty() : Optional.of(burhan);
  }
}
