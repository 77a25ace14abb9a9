package dev.burhan.engine;

import dev.burhan.backend.Plan;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Writes receipts: what is needed to generate an answer again, and hashes by which one sees whether
 * it was the same model and came out the same. Whoever has the model can check a receipt.
 */
@ConsumerType
public interface ReceiptWriter extends Provider {

  /**
   * The receipt of an answer. The first one of a model reads its checkpoint as a whole, if its hash
   * is not known yet.
   *
   * @param name how the receipt is to name the model
   * @param begun the model's plan when the request was made: if it is another one by now, the
   *     backend was exchanged meanwhile, and the receipt says so
   * @param request what was asked for
   * @param tokens ids of the answer's tokens in order, as the generation told them
   * @param reason why it ended
   * @return a JSON object
   * @throws dev.burhan.provider.BurhanException if the checkpoint can't be read
   */
  String write(
      Host host,
      LoadedModel model,
      String name,
      Plan begun,
      GenerationRequest request,
      List<Integer> tokens,
      FinishReason reason);
}
