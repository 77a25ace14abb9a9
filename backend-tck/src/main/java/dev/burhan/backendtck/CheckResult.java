package dev.burhan.backendtck;

/**
 * What became of a check.
 *
 * @param category what it proves
 * @param name the check, unique within its category
 * @param status how it ended
 * @param detail what was found: the largest difference, why it was skipped, what is wrong
 */
public record CheckResult(Category category, String name, Status status, String detail) {

  /** How a check ended. */
  public enum Status {
    PASSED,
    /** Not judged; the detail tells why. */
    SKIPPED,
    FAILED
  }

  public boolean failed() {
    return status == Status.FAILED;
  }
}
