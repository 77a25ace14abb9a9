package dev.burhan.checkpoint;

import dev.burhan.provider.BurhanException;

/**
 * A checkpoint can't be read: names the file, where it applies the tensor or key and the byte
 * offset, and what is wrong.
 */
public class CheckpointException extends BurhanException {
  private static final long serialVersionUID = 1L;

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
