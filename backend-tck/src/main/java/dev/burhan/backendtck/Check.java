package dev.burhan.backendtck;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * One check, not run yet.
 *
 * @param body what it does; returns what it found
 */
public record Check(Category category, String name, Body body) {

  /** Fails with an {@link AssertionError} or any other throwable. */
  @FunctionalInterface
  public interface Body {
    String run() throws Exception;
  }

  /** Thrown where something can't be judged. */
  static final class Skipped extends RuntimeException {
    private static final long serialVersionUID = 1;

    Skipped(String reason) {
      super(reason);
    }
  }

  /** Runs it; never throws what the backend threw. */
  public CheckResult run() {
    try {
      return new CheckResult(category, name, CheckResult.Status.PASSED, body.run());
    } catch (Skipped skipped) {
      return new CheckResult(category, name, CheckResult.Status.SKIPPED, skipped.getMessage());
    } catch (AssertionError wrong) {
      return new CheckResult(category, name, CheckResult.Status.FAILED, wrong.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new CheckResult(category, name, CheckResult.Status.FAILED, "interrupted");
    } catch (Throwable e) { // whatever a backend throws is a finding
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      return new CheckResult(category, name, CheckResult.Status.FAILED, trace.toString().strip());
    }
  }

  static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
