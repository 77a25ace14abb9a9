package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.Graph;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model in several files. */
class ShardedModelTest {
  @TempDir Path scratch;
  private final Host host = new FlatHost();

  /** As DeepSeek publishes R1: FP8 in many files, scales not always beside their values. */
  @Test
  void aFolderOfSeveralFilesGivesTheSameBits() throws Exception {
    int[] ids = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    String model = "dsv3_fp8/fp8";
    Path sharded;
    try (Checkpoint whole =
        host.openCheckpoint(
            References.folder().resolve("models").resolve(model).toString(), Progress.NONE)) {
      sharded = ShardedFolder.write(whole, scratch.resolve("sharded"), 3);
    }
    try (Steps one =
            new Steps(
                host, References.folder().resolve("models").resolve(model), "oracle", Map.of());
        Steps other = new Steps(host, sharded, "oracle", Map.of())) {
      assertArrayEquals(
          one.run(one.model().graph(), ids, Map.of(), Map.of()).rows(Graph.LOGITS),
          other.run(other.model().graph(), ids, Map.of(), Map.of()).rows(Graph.LOGITS));
    }
    Files.delete(sharded.resolve("model-00002-of-000003.safetensors"));
    String message =
        assertThrows(
                BurhanException.class, () -> host.openCheckpoint(sharded.toString(), Progress.NONE))
            .getMessage();
    assertTrue(message.contains("model-00002-of-000003.safetensors"), message);
  }
}
