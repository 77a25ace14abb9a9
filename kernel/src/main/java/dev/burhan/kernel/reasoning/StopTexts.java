package dev.burhan.kernel.reasoning;

import java.util.List;

/** Ends a text at the first of some stop texts, and holds back what may be the beginning of one. */
public final class StopTexts {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean found;

  public StopTexts(List<String> stops) {
    this.stops = stops;
  }

  /** Whether a stop text came. */
  public boolean found() {
    return found;
  }

  /** Adds text; returns what may be shown. */
  public String accept(String text) {
    if (found || stops.isEmpty()) {
      return found ? "" : text;
    }
    held.append(text);
    int first = held.length();
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && at < first) {
        first = at;
        found = true;
      }
    }
    return take(found ? first : certain());
  }

  /** The text ended; returns what was held back. */
  public String end() {
    return found ? "" : take(held.length());
  }

  private int certain() {
    int certain = held.length();
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, held.length()); length > 0; length--) {
        if (stop.startsWith(held.substring(held.length() - length))) {
          certain = Math.min(certain, held.length() - length);
          break;
        }
      }
    }
    return certain;
  }

  private String take(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }
}
