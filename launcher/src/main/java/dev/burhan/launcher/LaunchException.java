package dev.burhan.launcher;

/**
 * The start failed for a reason that a user can act on; the message is shown without a stack trace.
 */
final class LaunchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LaunchException(String message) {
    super(message);
  }

  LaunchException(String message, Throwable cause) {
    super(message, cause);
  }
}
