package dev.burhan.kernel.report;

import java.util.Locale;

/** Large numbers for people. */
public final class Amount {
  private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P"};

  private Amount() {}

  /** Bytes in decimal units: {@code 91.7 MB}. */
  public static String bytes(double bytes) {
    return scaled(bytes, "B");
  }

  /** {@code 134.5 M}; {@code unit} follows the prefix. */
  public static String scaled(double amount, String unit) {
    int prefix = 0;
    double shown = amount;
    while (shown >= 999.95 && prefix < PREFIXES.length - 1) {
      shown /= 1000;
      prefix++;
    }
    String number =
        prefix == 0 && shown == Math.rint(shown)
            ? Long.toString((long) shown)
            : String.format(Locale.ROOT, "%.1f", shown);
    String suffix = PREFIXES[prefix] + unit;
    return suffix.isEmpty() ? number : number + " " + suffix;
  }

  /** {@code 134,515,008}. */
  public static String whole(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
