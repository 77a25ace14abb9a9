package dev.burhan.cli;

import dev.burhan.provider.Progress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows a person how far a long piece of work is: on a terminal one line that is written over,
 * elsewhere one line when a download is going to take long. Work that is done at once shows
 * nothing.
 */
final class ProgressLine implements Progress {
  private static final double NANOS = 1e9;
  private static final double PATIENCE = 1; // seconds until a line shows
  private static final double LONG = 2; // seconds that are worth a line
  private static final double PAUSE = 0.1; // seconds between two writings
  private static final int BAR = 20;

  /** How catalogues call it: the one work that tells a script where its time goes. */
  private static final String DOWNLOAD = "downloading ";

  /** What has so many is counted in bytes: nobody waits for as many items. */
  private static final long BYTES = 1_000_000;

  /**
   * The line is cut off at the terminal's edge by the terminal itself, however wide that is, also
   * if the window changes: wrapping is off while it is written.
   */
  private static final String BEGIN = "\r\033[?7l";

  private static final String END = "\033[K\033[?7h";

  private final PrintStream err;
  private final boolean terminal;
  private final LongSupplier clock;

  private String what;
  private long begun; // nanoseconds
  private long doneBefore; // a download may go on from where another ended
  private long shownAt;
  private boolean shown;

  /**
   * For one command.
   *
   * @param terminal whether {@code err} is a terminal that understands escape sequences
   * @param clock nanoseconds, as {@link System#nanoTime()}
   */
  ProgressLine(PrintStream err, boolean terminal, LongSupplier clock) {
    this.err = err;
    this.terminal = terminal;
    this.clock = clock;
  }

  @Override
  public synchronized void update(String work, long done, long total) {
    long now = clock.getAsLong();
    if (!work.equals(what)) {
      end();
      what = work;
      begun = now;
      doneBefore = done;
    }
    boolean finished = total > 0 && done >= total;
    double elapsed = (now - begun) / NANOS;
    if (terminal) {
      if (shown ? finished || (now - shownAt) / NANOS >= PAUSE : isWorthIt(elapsed, done, total)) {
        err.print(BEGIN + line(elapsed, done, total) + END);
        err.flush();
        shown = true;
        shownAt = now;
      }
    } else if (!shown
        && work.startsWith(DOWNLOAD)
        && !finished
        && isWorthIt(elapsed, done, total)) {
      err.println(line(elapsed, done, total));
      shown = true;
    }
    if (finished) {
      end();
    }
  }

  private boolean isWorthIt(double elapsed, long done, long total) {
    double whole = total > 0 && done > doneBefore ? elapsed + left(elapsed, done, total) : elapsed;
    return elapsed >= LONG || (elapsed >= PATIENCE && whole >= LONG);
  }

  /** What is shown goes on until this, or until other work begins. */
  synchronized void end() {
    if (shown && terminal) {
      err.println();
    }
    shown = false;
    what = null;
  }

  /** Seconds, if it goes on like this. */
  private double left(double elapsed, long done, long total) {
    return elapsed / (done - doneBefore) * (total - done);
  }

  private String line(double elapsed, long done, long total) {
    var line = new StringBuilder(what).append("  ");
    if (total > 0 && terminal) {
      int filled = (int) Math.min(BAR, BAR * done / total);
      line.append('[').repeat("#", filled).repeat("-", BAR - filled).append("]  ");
    }
    line.append(amount(done, total));
    if (total >= BYTES && elapsed > 0 && done > doneBefore) {
      line.append(String.format(Locale.ROOT, ", %.1f MB/s", (done - doneBefore) / elapsed / 1e6));
    }
    if (total > 0 && done > doneBefore && done < total) {
      line.append(", about ").append(time(left(elapsed, done, total))).append(" left");
    } else if (elapsed >= LONG) {
      line.append(", ").append(time(elapsed));
    }
    return line.toString();
  }

  static String amount(long done, long total) {
    if (total <= 0) {
      return size(done);
    }
    return "%d %% of %s".formatted(Math.min(100, (long) (100.0 * done / total)), size(total));
  }

  static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole < 60 ? whole + " s" : "%d min %d s".formatted(whole / 60, whole % 60);
  }

  /** Items as they are, bytes in MB. */
  private static String size(long amount) {
    return amount < BYTES
        ? Long.toString(amount)
        : String.format(Locale.ROOT, "%.0f MB", amount / 1e6);
  }
}
