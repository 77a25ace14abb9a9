package dev.burhan.checkpoint.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Files that the safetensors library itself wrote. */
class GoldenFilesTest {

  private static Path golden() {
    Path golden = Path.of(System.getProperty("burhan.golden", "../../shared/golden"));
    if (!Files.isDirectory(golden)) {
      String message = golden + " is missing: set BURHAN_GOLDEN to the folder of reference data";
      if ("true".equals(System.getenv("CI"))) {
        fail(message);
      }
      System.out.println("skipped: " + message);
      Assumptions.abort(message);
    }
    return golden;
  }

  private static List<Path> files(Predicate<Path> which) throws Exception {
    try (var paths = Files.walk(golden())) {
      return paths.filter(which).sorted().toList();
    }
  }

  @Test
  void everyFolderOpensAndItsShapesFitItsConfiguration() throws Exception {
    List<Path> folders = files(path -> path.getFileName().toString().equals("config.json"));
    assertTrue(folders.size() >= 11, folders::toString);
    for (Path config : folders) {
      try (Checkpoint checkpoint = new SafetensorsFormat().open(config.getParent())) {
        var metadata = checkpoint.metadata();
        long vocabulary = metadata.integer("vocab_size", 1, 1 << 20);
        long hidden = metadata.integer("hidden_size", 1, 1 << 20);
        assertEquals(
            Shape.of(vocabulary, hidden), checkpoint.tensor("model.embed_tokens.weight").shape());
        assertEquals(Shape.of(hidden), checkpoint.tensor("model.norm.weight").shape());
        DataType type = config.getParent().endsWith("f32") ? DataType.F32 : DataType.BF16;
        assertEquals(type, checkpoint.tensor("model.embed_tokens.weight").type());
        checkData(checkpoint);
      }
    }
  }

  @Test
  void fp8WeightsHaveTheirScales() throws Exception {
    try (Checkpoint checkpoint =
        new SafetensorsFormat().open(golden().resolve("models/dsv3_fp8/fp8"))) {
      assertTrue(
          checkpoint.tensors().values().stream().anyMatch(t -> t.type().equals(DataType.F8_E4M3)));
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        if (tensor.type().equals(DataType.F8_E4M3)) {
          Shape scales = checkpoint.tensor(tensor.name() + "_scale_inv").shape();
          assertEquals(
              Shape.of((tensor.shape().dim(0) + 127) / 128, (tensor.shape().dim(1) + 127) / 128),
              scales);
        }
      }
    }
  }

  @Test
  void everySafetensorsFileOpensByItself() throws Exception {
    List<Path> files = files(path -> path.toString().endsWith(".safetensors"));
    assertTrue(files.size() >= 24, files::toString);
    for (Path file : files) {
      assertTrue(new SafetensorsFormat().recognises(file), file::toString);
      try (Checkpoint checkpoint = new SafetensorsFormat().open(file)) {
        checkData(checkpoint);
      }
    }
  }

  private static void checkData(Checkpoint checkpoint) {
    long bytes = 0;
    for (TensorInfo tensor : checkpoint.tensors().values()) {
      assertEquals(tensor.bytes(), checkpoint.data(tensor.name()).byteSize());
      bytes += tensor.bytes();
    }
    assertTrue(bytes > 0);
  }
}
