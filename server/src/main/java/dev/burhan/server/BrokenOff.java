package dev.burhan.server;

import java.io.IOException;

/**
 * An answer failed when a part of it was sent: the connection is to be broken off, so that the
 * client does not take the part for the whole. An Error, because Felix's dispatcher logs an
 * Exception and then ends the response as if it were complete; Jetty, which this reaches, breaks
 * off. Its cause is an IOException, for which Jetty logs a line and no stack trace.
 */
final class BrokenOff extends Error {
  private static final long serialVersionUID = 1L;

  BrokenOff(String message) {
    super(message, new IOException(message));
  }
}
