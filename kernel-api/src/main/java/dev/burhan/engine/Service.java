package dev.burhan.engine;

import dev.burhan.provider.UsageException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a request is served beside others.
 *
 * @param priority requests with a higher one come first; one that waits is overtaken for a bounded
 *     time only
 * @param timeout from the request on; what was generated until then stays. Empty for as long as it
 *     takes
 * @param tenant requests of different tenants never share cached prompts where tenants are
 *     isolated; empty for nobody's
 */
public record Service(int priority, Optional<Duration> timeout, String tenant) {

  /** Priorities are from minus to plus this. */
  public static final int MOST_PRIORITY = 10;

  public static final Service DEFAULT = new Service(0, Optional.empty(), "");

  public Service {
    Objects.requireNonNull(timeout, "timeout");
    Objects.requireNonNull(tenant, "tenant");
    if (priority < -MOST_PRIORITY || priority > MOST_PRIORITY) {
      throw new UsageException(
          "priority should be from %d to %d, found %d"
              .formatted(-MOST_PRIORITY, MOST_PRIORITY, priority));
    }
    if (timeout.isPresent() && (timeout.get().isNegative() || timeout.get().isZero())) {
      throw new UsageException("timeout should be more than nothing, found " + timeout.get());
    }
  }

  public Service withPriority(int value) {
    return new Service(value, timeout, tenant);
  }

  public Service withTimeout(Duration value) {
    return new Service(priority, Optional.of(value), tenant);
  }

  public Service withTenant(String value) {
    return new Service(priority, timeout, value);
  }
}
