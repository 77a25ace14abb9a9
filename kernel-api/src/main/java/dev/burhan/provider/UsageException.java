package dev.burhan.provider;

/**
 * The caller asked wrongly: an unknown name, an option out of range. A command line exits with 2
 * for it.
 */
public class UsageException extends BurhanException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }

  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
