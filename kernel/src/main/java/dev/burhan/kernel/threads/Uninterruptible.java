package dev.burhan.kernel.threads;

/** Waits that have to come to their end before memory can go, whoever interrupts. */
public final class Uninterruptible {
  private Uninterruptible() {}

  /** Something to wait for, which can be begun again. */
  @FunctionalInterface
  public interface Wait<E extends Exception> {
    void run() throws InterruptedException, E;
  }

  /**
   * Waits, again after each interrupt; the thread is interrupted in the end if it was meanwhile.
   */
  public static <E extends Exception> void await(Wait<E> wait) throws E {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          wait.run();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
