package dev.burhan.provider;

/**
 * The outcome of {@link Provider#probe()}.
 *
 * @param usable whether the provider can be opened
 * @param detail if usable, what was found (a CPU's features, a device's name), possibly empty; if
 *     not, why not and what to do
 */
public record Probe(boolean usable, String detail) {

  public static Probe ready() {
    return new Probe(true, "");
  }

  public static Probe ready(String detail) {
    return new Probe(true, detail);
  }

  public static Probe unusable(String reason) {
    return new Probe(false, reason);
  }
}
