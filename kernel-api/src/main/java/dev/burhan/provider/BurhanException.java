package dev.burhan.provider;

/**
 * An error that a user or operator can understand and act on. The message says what was expected,
 * what was found, where, and what to do, on one line; a command line shows it without a stack
 * trace.
 */
public class BurhanException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BurhanException(String message) {
    super(message);
  }

  public BurhanException(String message, Throwable cause) {
    super(message, cause);
  }
}
