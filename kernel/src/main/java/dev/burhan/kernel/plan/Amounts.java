package dev.burhan.kernel.plan;

import dev.burhan.provider.UsageException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bytes as people write them: {@code 64G} and {@code 64GiB} are 64 * 2^30, {@code 64GB} 64 * 10^9.
 */
final class Amounts {
  private static final Pattern AMOUNT =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([KMGTP]?)(i?B?)", Pattern.CASE_INSENSITIVE);
  private static final String PREFIXES = "KMGTP";

  private Amounts() {}

  /**
   * Reads an amount.
   *
   * @param option its name, for the error
   */
  static double bytes(String option, String text) {
    Matcher found = AMOUNT.matcher(text.strip());
    if (!found.matches()) {
      throw new UsageException(
          "--" + option + " should be bytes, such as 64G or 400GB, found '" + text + "'");
    }
    boolean decimal = found.group(3).equalsIgnoreCase("B");
    String prefix = found.group(2).toUpperCase(Locale.ROOT);
    int power = prefix.isEmpty() ? 0 : PREFIXES.indexOf(prefix) + 1;
    return Double.parseDouble(found.group(1)) * Math.pow(decimal ? 1000 : 1024, power);
  }

  /** {@code 64.0 GiB}. */
  static String gib(double bytes) {
    return String.format(Locale.ROOT, bytes < 0x1p27 ? "%.3f GiB" : "%.2f GiB", bytes / 0x1p30);
  }
}
