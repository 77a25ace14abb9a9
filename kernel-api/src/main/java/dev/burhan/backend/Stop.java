package dev.burhan.backend;

import org.osgi.annotation.versioning.ConsumerType;

/** Asked between nodes whether a step should be given up. Cheap, thread-safe. */
@ConsumerType
@FunctionalInterface
public interface Stop {
  Stop NEVER = () -> false;

  boolean requested();
}
