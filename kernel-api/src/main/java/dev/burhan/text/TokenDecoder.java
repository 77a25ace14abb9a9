package dev.burhan.text;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Decodes one stream of tokens piece by piece without ever splitting a character. Not thread-safe.
 */
@ConsumerType
public interface TokenDecoder {

  /** The characters that this token completes; empty while a character is not complete yet. */
  String next(int id);

  /** What is left at the end: incomplete bytes become U+FFFD. The decoder is as new afterwards. */
  String end();
}
