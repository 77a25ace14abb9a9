package dev.burhan.engine;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told of what changes in an engine's models; see {@link Engine#listen}. Called by a thread of the
 * engine's that holds no lock and runs no model, one event after another in the order in which they
 * happened. What it throws is logged and goes no further; one that takes long delays what other
 * listeners are told, and nothing else.
 */
@ConsumerType
@FunctionalInterface
public interface EngineListener {
  void happened(EngineEvent event);
}
