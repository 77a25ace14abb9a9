package dev.burhan.kernel.engine;

import dev.burhan.backend.Plan;
import dev.burhan.kernel.machine.MachineMemory;
import dev.burhan.kernel.report.Amount;
import dev.burhan.provider.BurhanException;
import java.util.OptionalLong;

/**
 * What a model takes beside those that are loaded: its weights, scratch, and the cache of one
 * request of the full context, as {@code burhan plan} counts. That of more requests is reserved too
 * but taken page by page.
 *
 * @param weights bytes
 * @param cache bytes
 * @param scratch bytes
 * @param context tokens
 */
record Room(long weights, long cache, long scratch, int context) {

  /** Of a model that would run so. */
  Room(Plan plan) {
    this(
        plan.weightBytes(),
        plan.pageBytes() * Math.ceilDiv(plan.limits().context(), plan.limits().tokensPerPage()),
        plan.scratchBytes(),
        plan.limits().context());
  }

  /**
   * Refuses what does not fit, where the system tells how much there is.
   *
   * @throws BurhanException that says what is lacking
   */
  void check(String model) {
    OptionalLong available = MachineMemory.available();
    long needed = weights + cache + scratch;
    if (available.isPresent() && needed > available.getAsLong()) {
      throw new BurhanException(
          "%s does not fit beside what is loaded: it needs %s (weights %s, KV cache of %s tokens %s, scratch %s) and has %s, it lacks %s; unload another first, replace the old one in place, or load it with a smaller context"
              .formatted(
                  model,
                  Amount.bytes(needed),
                  Amount.bytes(weights),
                  Amount.whole(context),
                  Amount.bytes(cache),
                  Amount.bytes(scratch),
                  Amount.bytes(available.getAsLong()),
                  Amount.bytes(needed - available.getAsLong())));
    }
  }
}
