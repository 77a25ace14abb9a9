package dev.burhan.server;

/** An answer failed when a part of it was sent: the connection is to be broken off. */
final class BrokenOff extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BrokenOff(ApiError cause) {
    super(cause.getMessage(), cause);
  }
}
