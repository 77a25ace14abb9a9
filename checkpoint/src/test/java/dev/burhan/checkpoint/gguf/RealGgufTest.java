package dev.burhan.checkpoint.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The two published files of the catalogue; counts as a separate reader in Python found them. */
class RealGgufTest {

  @Test
  void smollm2OpensWithItsTensors() {
    try (Checkpoint checkpoint = open("smollm2/SmolLM2-135M-Instruct-Q4_1.gguf")) {
      assertEquals("llama", checkpoint.metadata().string("general.architecture"));
      assertEquals(49_152, checkpoint.metadata().strings("tokenizer.ggml.tokens").length);
      assertEquals(Map.of("F32", 61L, "Q4_1", 210L, "Q8_0", 1L), types(checkpoint));
      assertEquals(Shape.of(49_152, 576), checkpoint.tensor("token_embd.weight").shape());
      assertEquals(Shape.of(576, 1_536), checkpoint.tensor("blk.0.ffn_down.weight").shape());
      checkData(checkpoint);
    }
  }

  @Test
  void qwenCoderOpensWithItsTensors() {
    try (Checkpoint checkpoint =
        open("qwen2.5-coder-0.5b/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf")) {
      assertEquals("qwen2", checkpoint.metadata().string("general.architecture"));
      assertEquals(151_936, checkpoint.metadata().strings("tokenizer.ggml.tokens").length);
      assertEquals(
          Map.of("F32", 121L, "Q5_0", 133L, "Q8_0", 13L, "Q4_K", 12L, "Q6_K", 12L),
          types(checkpoint));
      assertEquals(Shape.of(151_936, 896), checkpoint.tensor("output.weight").shape());
      checkData(checkpoint);
    }
  }

  private static Map<String, Long> types(Checkpoint checkpoint) {
    return checkpoint.tensors().values().stream()
        .collect(Collectors.groupingBy(t -> t.type().name(), TreeMap::new, Collectors.counting()));
  }

  private static void checkData(Checkpoint checkpoint) {
    for (TensorInfo tensor : checkpoint.tensors().values()) {
      assertEquals(tensor.bytes(), checkpoint.data(tensor.name()).byteSize());
      assertTrue(checkpoint.data(tensor.name()).isReadOnly());
    }
  }

  private static Checkpoint open(String model) {
    String cache = System.getenv("BURHAN_CACHE");
    Path base =
        cache == null
            ? Path.of(System.getProperty("user.home"), ".cache", "burhan")
            : Path.of(cache);
    Path path = base.resolve("models").resolve(model);
    if (!Files.exists(path)) {
      String message = path + " is missing: run tools/fetch-test-data";
      if ("true".equals(System.getenv("CI"))) {
        fail(message);
      }
      System.out.println("skipped: " + message);
      Assumptions.abort(message);
    }
    return new GgufFormat().open(path);
  }
}
