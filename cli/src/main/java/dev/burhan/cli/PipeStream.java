package dev.burhan.cli;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Makes a reader that went away ({@code burhan run ... | head -1}) end the command. A PrintStream
 * would swallow the error, and the model would go on answering to nobody.
 */
final class PipeStream extends OutputStream {

  /** Nobody reads the output any more. */
  static final class Closed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Closed(IOException cause) {
      super("the output was closed", cause);
    }
  }

  private final OutputStream stream;

  PipeStream(OutputStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(int value) {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    try {
      stream.write(bytes, offset, length);
    } catch (IOException e) {
      throw new Closed(e);
    }
  }

  @Override
  public void flush() {
    try {
      stream.flush();
    } catch (IOException e) {
      throw new Closed(e);
    }
  }
}
