package dev.burhan.engine;

import java.util.Optional;

/**
 * What came of exchanging a loaded model's backend.
 *
 * @param from the backend that ran it
 * @param to the backend that runs it now
 * @param copied running requests whose keys and values were copied
 * @param recomputed running requests that are computed again
 * @param pauseNanos how long no step was run
 */
public record Exchange(String from, String to, int copied, int recomputed, long pauseNanos) {
  private static final String AUTO = "auto";

  /**
   * What an operator's word asks of {@link LoadedModel#exchange}.
   *
   * @param word a backend's name, or {@code auto}, which takes an earlier word back
   * @return the name; empty for the configured backend, or the best
   */
  public static Optional<String> asked(String word) {
    return word.equals(AUTO) ? Optional.empty() : Optional.of(word);
  }
}
