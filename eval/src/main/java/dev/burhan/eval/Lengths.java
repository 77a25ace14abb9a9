package dev.burhan.eval;

import dev.burhan.provider.UsageException;
import java.util.Optional;

/** Digits of both numbers. */
record Lengths(int longer, int shorter) {
  /** So that products fit 64 bits. */
  static final int LONGEST = 9;

  Lengths {
    if (shorter < 1 || longer < shorter || longer > LONGEST) {
      throw new IllegalArgumentException(longer + "x" + shorter);
    }
  }

  /** {@code 3} for three digits each, {@code 3x2}. */
  static Lengths parse(String text) {
    return part(text.replaceFirst("x.*", ""))
        .flatMap(
            first ->
                part(text.replaceFirst("^[^x]*x", ""))
                    .map(second -> new Lengths(Math.max(first, second), Math.min(first, second))))
        .orElseThrow(
            () ->
                new UsageException(
                    "--digits should be trained, rare, beyond, or lengths from 1 to %d such as 4 or 3x2, separated by commas, found '%s'"
                        .formatted(LONGEST, text)));
  }

  private static Optional<Integer> part(String text) {
    return text.matches("[1-9]") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
  }

  @Override
  public String toString() {
    return longer + "x" + shorter;
  }
}
