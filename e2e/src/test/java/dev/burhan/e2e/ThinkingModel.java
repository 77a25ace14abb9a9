package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * SmolLM2 does not think. With a template of the same length that opens a thought, as R1's do, all
 * that it says is one.
 */
final class ThinkingModel {
  private ThinkingModel() {}

  static Path write(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(Needs.smolLm2());
    replace(
        bytes,
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
        "{{ '<|im_start|>assistant\n<think>'" + " ".repeat(35) + "}}");
    return Files.write(file, bytes);
  }

  private static void replace(byte[] in, String text, String by) {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    byte[] given = by.getBytes(StandardCharsets.UTF_8);
    assertEquals(wanted.length, given.length);
    for (int at = 0; at < in.length - wanted.length; at++) {
      if (Arrays.equals(in, at, at + wanted.length, wanted, 0, wanted.length)) {
        System.arraycopy(given, 0, in, at, given.length);
        return;
      }
    }
    throw new AssertionError("the model's template has no " + text);
  }
}
