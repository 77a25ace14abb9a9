package dev.burhan.provider;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told how far a long piece of work is; shown to whoever waits for it. Thread-safe, never blocks,
 * never throws.
 */
@ConsumerType
@FunctionalInterface
public interface Progress {

  /** Tells nobody. */
  Progress NONE = (what, done, total) -> {};

  /**
   * The work reached a point.
   *
   * @param what the work in a few words, such as {@code "downloading smollm2"}; a new text begins a
   *     new line
   * @param done bytes or items finished
   * @param total bytes or items in all; zero or less if unknown
   */
  void update(String what, long done, long total);
}
