package dev.burhan.cli.chat;

/** The person's side of a chat. Everything but {@link #read} may be called from any thread. */
interface Console extends AutoCloseable {

  /** The next input, waiting for it. */
  Input read();

  /** The model's text, as it comes; no newline is added. */
  void answer(String text);

  /** The model's thought, as it comes. */
  void thought(String text);

  /** A whole line about the chat and not of it. */
  void note(String line);

  /**
   * A line that is written over by the next status and goes away with the next other output. Shown
   * on a terminal only.
   */
  void status(String line);

  /** From here on, Ctrl-C runs {@code stop} and typed characters do not show. */
  void busy(Runnable stop);

  /** Ends {@link #busy}. */
  void idle();

  /** Leaves the terminal as it was found. */
  @Override
  void close();
}
