package dev.burhan.cli;

import dev.burhan.provider.Progress;
import java.io.PrintStream;
import java.util.Locale;

/** One line on a terminal that is written over as the work goes on, at most ten times a second. */
final class ProgressLine implements Progress {
  private static final long PAUSE_NANOS = 100_000_000;
  private static final String BACK_AND_CLEAR = "\r\033[K";

  private final PrintStream err;
  private String shown;
  private long shownAt;

  ProgressLine(PrintStream err) {
    this.err = err;
  }

  @Override
  public synchronized void update(String what, long done, long total) {
    boolean finished = total > 0 && done >= total;
    if (shown != null && !shown.equals(what)) {
      end();
    }
    long now = System.nanoTime();
    if (shown != null && !finished && now - shownAt < PAUSE_NANOS) {
      return;
    }
    err.print(BACK_AND_CLEAR + what + "  " + amount(done, total));
    err.flush();
    shown = what;
    shownAt = now;
    if (finished) {
      end();
    }
  }

  synchronized void end() {
    if (shown != null) {
      err.println();
      shown = null;
    }
  }

  static String amount(long done, long total) {
    if (total <= 0) {
      return size(done);
    }
    return "%d %% of %s".formatted(Math.min(100, (long) (100.0 * done / total)), size(total));
  }

  /** Items as they are; what is large enough to be bytes in MB. */
  private static String size(long amount) {
    return amount < 1_000_000
        ? Long.toString(amount)
        : String.format(Locale.ROOT, "%.0f MB", amount / 1e6);
  }
}
