package dev.burhan.cli;

import dev.burhan.provider.Progress;
import java.io.PrintStream;
import java.util.Locale;

/** One line on a terminal that is written over as the work goes on, at most ten times a second. */
final class ProgressLine implements Progress {
  private static final long PAUSE_NANOS = 100_000_000;
  private static final long ESTIMATE_AFTER_NANOS = 2_000_000_000;
  private static final String BACK_AND_CLEAR = "\r\033[K";

  private final PrintStream err;
  private String shown;
  private long shownAt;
  private long begun;

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
    if (shown == null) {
      begun = now;
    }
    if (shown != null && !finished && now - shownAt < PAUSE_NANOS) {
      return;
    }
    err.print(BACK_AND_CLEAR + what + "  " + amount(done, total) + left(now - begun, done, total));
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

  /** How long it will take if it goes on like this; nothing before that can be told. */
  static String left(long nanos, long done, long total) {
    if (nanos < ESTIMATE_AFTER_NANOS || done <= 0 || done >= total) {
      return "";
    }
    long seconds = Math.round((double) nanos / done * (total - done) / 1e9);
    return seconds < 60
        ? ", about " + seconds + " s left"
        : ", about %d min %d s left".formatted(seconds / 60, seconds % 60);
  }

  /** Items as they are; what is large enough to be bytes in MB. */
  private static String size(long amount) {
    return amount < 1_000_000
        ? Long.toString(amount)
        : String.format(Locale.ROOT, "%.0f MB", amount / 1e6);
  }
}
