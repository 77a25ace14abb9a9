package dev.burhan.text.pretokenizer;

/**
 * Cuts a text into smaller parts: one step of a pre-tokenizer. A step sees nothing beyond the part
 * it is given, so that a look-ahead at its end finds the end of the text. Immutable and
 * thread-safe.
 */
@FunctionalInterface
public interface Splitter {

  /** Receives the parts in order; none is empty. */
  @FunctionalInterface
  interface Parts {
    void part(String text, int from, int to);
  }

  /** Cuts {@code text[from, to)}, not empty, and hands over every character once. */
  void split(String text, int from, int to, Parts out);
}
