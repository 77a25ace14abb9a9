package dev.burhan.engine;

/**
 * When a model's code is warmed up. A JVM runs new code slowly, vectors above all, until it is
 * compiled; steps with tokens of no meaning get that over with before anybody waits for an answer.
 */
public enum WarmUp {
  /** Not at all: the first requests are slow. */
  OFF,
  /** Once the model is loaded, until the first request comes. */
  BACKGROUND,
  /** As part of loading: a model that is loaded is fast. */
  LOAD
}
