package dev.burhan.engine;

/**
 * What came of exchanging a loaded model's backend.
 *
 * @param from the backend that ran it
 * @param to the backend that runs it now
 * @param copied running requests whose keys and values were copied
 * @param recomputed running requests that are computed again
 * @param pauseNanos how long no step was run
 */
public record Exchange(String from, String to, int copied, int recomputed, long pauseNanos) {}
