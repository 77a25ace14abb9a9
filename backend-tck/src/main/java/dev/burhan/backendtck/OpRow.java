package dev.burhan.backendtck;

import java.util.Optional;

/**
 * A row of the report's table: an op of one type in one mode.
 *
 * @param op the op
 * @param type of its weights or its cache; empty if it has neither
 * @param mode the mode of the backend
 * @param support whether the backend runs it
 * @param note who runs it instead, or why nobody does
 * @param largest the largest difference to the oracle, relative to what the op's rounding is
 *     measured by; NaN where nothing was compared
 * @param tolerance the largest that is allowed
 * @param speed if measured
 */
public record OpRow(
    String op,
    String type,
    String mode,
    Support support,
    String note,
    double largest,
    double tolerance,
    Optional<Speed> speed) {

  /** Who runs an op. */
  public enum Support {
    YES,
    /** For prompt tokens or for generated ones, and another library for the others. */
    PARTLY,
    /** Another library that is joined to this one. */
    LEFT,
    NO
  }

  /**
   * Speeds of a product of 512 x 1024, informative.
   *
   * @param prompt billions of multiplications and additions a second, 64 prompt tokens
   * @param generated billions of bytes of weights a second, one generated token
   * @param promptOfOracle {@code prompt} as a multiple of the oracle's
   * @param generatedOfOracle {@code generated} as a multiple of the oracle's
   */
  public record Speed(
      double prompt, double generated, double promptOfOracle, double generatedOfOracle) {}
}
