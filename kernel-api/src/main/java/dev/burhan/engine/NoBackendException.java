package dev.burhan.engine;

import dev.burhan.provider.BurhanException;

/**
 * No backend is there that could run a loaded model, and none came in the time that its requests
 * wait for one. The same request may succeed later.
 */
public class NoBackendException extends BurhanException {
  private static final long serialVersionUID = 1L;

  public NoBackendException(String message) {
    super(message);
  }
}
