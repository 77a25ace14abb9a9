package dev.burhan.policy;

import org.osgi.annotation.versioning.ConsumerType;

/** One policy's view of one request. Called by one thread at a time. */
@ConsumerType
public interface PolicySession extends AutoCloseable {

  /** What a text is. */
  enum Stage {
    REASONING,
    ANSWER
  }

  /** Whether the prompt may be answered. */
  Verdict input();

  /**
   * The next characters of a stream. A policy that must see more before it decides holds them back
   * and releases them later.
   *
   * @param text new characters, possibly none
   * @param last whether the stage ends with them: then nothing may be held back
   */
  Verdict output(Stage stage, String text, boolean last);

  /** The request ended. */
  @Override
  void close();
}
