package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Backends are exchanged under 16 chats in every way there is, in the real framework: a short run
 * of {@code bench/swaps/measure}, which checks that no chat fails, that each token's probability is
 * that of the backend of its time, and that nothing leaks.
 */
class SwapsUnderLoadTest {
  /** A round of every way, and a beginning of the next. */
  private static final int SWAPS = 11;

  @Test
  void noChatFailsWhileBackendsComeAndGo() throws Exception {
    Needs.check(
        new ProcessBuilder("python3", "-c", "import asyncio").start().waitFor() == 0,
        "python3 is missing: bench/swaps/measure is Python");
    Path weights = Places.golden().resolve("models/qwen2_tied/f32");
    Needs.check(Files.isDirectory(weights), weights + " is missing: the reference models");
    String told =
        new Shell()
            .run(
                Places.root().resolve("bench/swaps/measure"),
                "--tiny",
                weights,
                "--backends",
                "vector,blas,oracle",
                "--swaps",
                SWAPS,
                "--max-tokens",
                200,
                "--installation",
                Places.distribution())
            .exitsWith(0)
            .out();
    System.out.print(told);
    assertTrue(
        told.matches("(?s)ok      1[12] swaps, .*"), told); // one more where it ends elsewhere
  }
}
