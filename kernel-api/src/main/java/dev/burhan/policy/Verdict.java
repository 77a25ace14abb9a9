package dev.burhan.policy;

/** A policy's decision. */
public sealed interface Verdict {

  /**
   * These characters pass: the text as it was, a changed one, or less of it while the rest is held
   * back.
   */
  record Pass(String text) implements Verdict {}

  /**
   * The generation ends here.
   *
   * @param reason for the caller, without the offending text
   * @param replacement what the user reads instead; possibly empty
   */
  record Block(String reason, String replacement) implements Verdict {}
}
