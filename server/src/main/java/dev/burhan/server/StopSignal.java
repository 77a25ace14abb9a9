package dev.burhan.server;

import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/**
 * Tells a running server to end. Asked by the launcher at SIGTERM or Ctrl-C whether the command
 * will return soon; before the model is loaded it will not, and the process may end at once.
 */
final class StopSignal implements BooleanSupplier {
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile boolean armed;

  /** From now on somebody waits for the signal. */
  void arm() {
    armed = true;
  }

  void stop() {
    stopped.countDown();
  }

  @Override
  public boolean getAsBoolean() {
    stop();
    return armed;
  }

  void await() throws InterruptedException {
    stopped.await();
  }
}
