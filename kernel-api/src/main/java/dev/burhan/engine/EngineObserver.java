package dev.burhan.engine;

import dev.burhan.provider.Provider;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told what the engine does, for meters and logs. Called by one thread a model, never by the one
 * that runs the model: a slow observer misses figures (the engine counts and logs how many) and
 * holds nobody up. What it throws is logged and goes no further.
 */
@ConsumerType
public interface EngineObserver extends Provider {

  /** A step was run. */
  default void stepped(StepFigures step) {}

  /** A request ended, in whatever way. */
  default void ended(RequestFigures request) {}
}
