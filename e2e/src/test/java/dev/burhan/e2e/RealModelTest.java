package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first thing that a user does: asks a real model a question. */
class RealModelTest {

  @ParameterizedTest
  @CsvSource({
    "smollm2, smollm2/SmolLM2-135M-Instruct-Q4_1.gguf, flat",
    "smollm2, smollm2/SmolLM2-135M-Instruct-Q4_1.gguf, --osgi",
    "qwen2.5-coder-0.5b, qwen2.5-coder-0.5b/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf, flat",
    "qwen2.5-coder-0.5b, qwen2.5-coder-0.5b/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf, --osgi",
  })
  void knowsTheCapitalOfFrance(String model, String file, String mode) throws Exception {
    Places.requireModel(file);
    var command = new ArrayList<Object>(List.of(Places.distribution().resolve("bin/burhan")));
    if (!mode.equals("flat")) {
      command.add(mode);
    }
    command.addAll(
        List.of(
            "run",
            "--model",
            model,
            "--temperature",
            "0",
            "--max-tokens",
            "24",
            "--json",
            "What is the capital of France?"));
    var result = new Shell().run(command.toArray()).exitsWith(0);
    assertTrue(result.out().contains("Paris"), result.out() + "\n" + result.err());
    assertTrue(result.out().contains("\"backend\":\"vector\""), result.out());
  }
}
