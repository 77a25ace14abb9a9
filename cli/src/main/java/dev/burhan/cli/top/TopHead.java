package dev.burhan.cli.top;

import java.time.Instant;
import java.util.Locale;

/** The line above the table: the server itself. */
final class TopHead {
  static final String NO_MODEL = "no model yet: it is being loaded";
  private static final double MEBI = 1 << 20;

  private TopHead() {}

  static String line(String server, MetricsPage page) {
    StringBuilder line = new StringBuilder(server).append("  up ").append(words(uptime(page)));
    double resident = page.value("process_resident_memory_bytes");
    if (!Double.isNaN(resident)) {
      line.append(String.format(Locale.ROOT, "  resident %.0f MiB", resident / MEBI));
    }
    double heap = page.value("jvm_memory_used_bytes");
    return line.append(String.format(Locale.ROOT, "  heap %.0f MiB", heap / MEBI)).toString();
  }

  /** Seconds since the server's process began, by this machine's clock. */
  static double uptime(MetricsPage page) {
    double started = page.value("process_start_time_seconds");
    return Math.max(0, Math.rint(Instant.now().toEpochMilli() / 1e3 - started));
  }

  private static String words(double seconds) {
    long all = (long) seconds;
    if (all < 60) {
      return all + " s";
    }
    if (all < 3600) {
      return all / 60 + " min " + all % 60 + " s";
    }
    return all / 3600 + " h " + all / 60 % 60 + " min";
  }
}
