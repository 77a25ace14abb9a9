package dev.burhan.kernel.engine;

import dev.burhan.engine.LoadRequest;
import dev.burhan.provider.UsageException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Options of a load request that are the engine's own, and of no backend. */
final class EngineOptions {
  private static final List<String> OWN =
      List.of(
          LoadRequest.KV_TYPE,
          LoadRequest.EXPERT_MEMORY,
          LoadRequest.SEQUENCES,
          LoadRequest.KV_MEMORY,
          LoadRequest.PREFIX_CACHE,
          LoadRequest.PREFIX_FOLDER);

  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,3})?)([KMGT]?)(?:I?B)?");

  private EngineOptions() {}

  /** The options that are a backend's. */
  static Map<String, String> without(Map<String, String> options) {
    Map<String, String> rest = new HashMap<>(options);
    OWN.forEach(rest::remove);
    return rest;
  }

  /**
   * Reads a size such as {@code 512M}, {@code 1.5G} or {@code 4GiB}, in powers of 1,024.
   *
   * @param name the option's name, for the error
   * @return bytes, at least 1
   * @throws UsageException if it is none
   */
  static long size(String name, String value) {
    Matcher matcher = SIZE.matcher(value.strip().toUpperCase(Locale.ROOT));
    if (matcher.matches()) {
      double unit = Math.pow(1024, "KMGT".indexOf(matcher.group(2).concat("-").charAt(0)) + 1);
      double bytes = Double.parseDouble(matcher.group(1)) * unit;
      if (bytes >= 1 && bytes < Long.MAX_VALUE) {
        return (long) bytes;
      }
    }
    throw new UsageException(
        name + " should be a size above 0 such as 512M or 4G, found '" + value + "'");
  }
}
