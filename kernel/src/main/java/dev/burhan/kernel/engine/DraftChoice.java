package dev.burhan.kernel.engine;

import dev.burhan.backend.Backend;
import dev.burhan.backend.Plan;
import dev.burhan.engine.Speculation;
import dev.burhan.engine.Speculation.Method;
import dev.burhan.kernel.scheduler.DraftRunner;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a model's draft head is run beside it. */
final class DraftChoice {
  private static final Logger LOG = LoggerFactory.getLogger(DraftChoice.class);

  private DraftChoice() {}

  /**
   * How the draft head would run.
   *
   * @param main the plan of the model itself
   * @return empty if no tokens are to be guessed
   * @throws UsageException if they are to be guessed in any case, and there is no draft head
   * @throws BurhanException if the backend can't run it
   */
  static Optional<Plan> plan(
      Speculation speculation, String name, ModelGraph model, Plan main, Backend backend) {
    boolean must = speculation.method() == Method.MTP;
    if (speculation.method() == Method.OFF || speculation.method() == Method.LOOKUP) {
      return Optional.empty();
    }
    if (model.draft().isEmpty()) {
      if (must) {
        throw new UsageException(
            name
                + " has no MTP layer that could guess tokens (its architecture is "
                + model.info().architecture()
                + "); speculate with auto or off");
      }
      return Optional.empty();
    }
    Plan plan = backend.plan(model.draft().get(), DraftRunner.limits(main.limits()));
    if (!plan.possible()) {
      String reasons = String.join("; ", plan.refusals());
      if (must) {
        throw new BurhanException("the model's MTP layer can't run here: " + reasons);
      }
      LOG.info("{} guesses no tokens, its MTP layer can't run here: {}", name, reasons);
      return Optional.empty();
    }
    if (!must && !main.numerics().batchInvariant()) {
      LOG.info(
          "{} guesses no tokens: with {} the text would depend on it, by rounding",
          name,
          main.numerics().id());
      return Optional.empty();
    }
    return Optional.of(plan);
  }
}
