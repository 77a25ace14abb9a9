package dev.burhan.server;

import dev.burhan.engine.Service;
import java.time.Duration;
import java.util.OptionalDouble;

/** How a request wants to be served beside others. */
final class ServiceFields {
  private static final double LEAST_SECONDS = 0.001;
  private static final double MOST_SECONDS = 86_400;
  private static final double NANOS = 1e9;

  private ServiceFields() {}

  /** The tenant is the client's user: what prompts share follows {@code --prefix-cache}. */
  static Service of(Fields body) {
    int priority =
        (int) body.integer("priority", -Service.MOST_PRIORITY, Service.MOST_PRIORITY).orElse(0);
    Service service =
        Service.DEFAULT
            .withPriority(priority)
            .withTenant(body.text("safety_identifier").or(() -> body.text("user")).orElse(""));
    OptionalDouble timeout = body.number("timeout", LEAST_SECONDS, MOST_SECONDS);
    return timeout.isEmpty()
        ? service
        : service.withTimeout(Duration.ofNanos((long) (timeout.getAsDouble() * NANOS)));
  }
}
