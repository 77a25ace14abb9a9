package dev.burhan.cli.chat;

/** What came from the person at the prompt. */
sealed interface Input {

  /** Lines joined, as they are meant: without what only held them together. */
  record Text(String text) implements Input {}

  /** Ctrl-C. */
  record Interrupted() implements Input {}

  /** Ctrl-D, or the end of a file. */
  record End() implements Input {}
}
