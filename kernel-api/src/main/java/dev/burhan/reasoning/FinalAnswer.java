package dev.burhan.reasoning;

import java.util.Objects;

/**
 * What a text comes to. Two are equal if they say the same, however they are written: numbers by
 * their exact value (0.5, 1/2, {@code \frac12}), everything else by its {@link #canonical} form.
 */
public final class FinalAnswer {
  private final String written;
  private final String canonical;

  private FinalAnswer(String written) {
    this.written = written.strip();
    this.canonical = CanonicalForm.of(this.written);
  }

  /** An answer as somebody wrote it: a number, LaTeX, a letter, some words. */
  public static FinalAnswer of(String written) {
    return new FinalAnswer(Objects.requireNonNull(written, "written"));
  }

  /** As it was written. */
  public String written() {
    return written;
  }

  /**
   * What is compared: without LaTeX's ways to say one thing, without units and white space, numbers
   * as reduced fractions.
   */
  public String canonical() {
    return canonical;
  }

  /** Whether there is nothing in it. */
  public boolean isEmpty() {
    return canonical.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FinalAnswer answer && answer.canonical.equals(canonical);
  }

  @Override
  public int hashCode() {
    return canonical.hashCode();
  }

  @Override
  public String toString() {
    return written;
  }
}
