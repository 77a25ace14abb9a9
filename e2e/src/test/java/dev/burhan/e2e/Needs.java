package dev.burhan.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** What a test needs and a machine may lack: a printed skip, but a failure in CI. */
final class Needs {
  private static final String SMOLLM2 = "models/smollm2/SmolLM2-135M-Instruct-Q4_1.gguf";

  private Needs() {}

  static void check(boolean there, String remedy) {
    if (!there) {
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError(remedy);
      }
      System.err.println("skipped: " + remedy);
      assumeTrue(false, remedy);
    }
  }

  static Path smolLm2() {
    Path file = Places.cache().resolve(SMOLLM2);
    check(Files.exists(file), file + " is missing: tools/fetch-test-data models fetches it");
    return file;
  }
}
