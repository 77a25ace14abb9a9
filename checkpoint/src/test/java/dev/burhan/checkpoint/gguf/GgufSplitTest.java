package dev.burhan.checkpoint.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.gguf.GgufWriter.Typed;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufSplitTest {
  @TempDir Path folder;

  @BeforeEach
  void threeShards() {
    for (int i = 0; i < 3; i++) {
      shard(i, 3, 3, "w" + i).write(path(i, 3));
    }
  }

  private static GgufWriter shard(int number, int count, int tensors, String tensor) {
    return new GgufWriter()
        .put("general.architecture", number == 0 ? "llama" : "part")
        .put("split.no", new Typed(GgufValues.UINT16, (long) number))
        .put("split.count", new Typed(GgufValues.UINT16, (long) count))
        .put("split.tensors.count", tensors)
        .tensor(tensor, DataType.I8, Shape.of(4), new byte[] {(byte) number, 1, 2, 3});
  }

  private Path path(int number, int count) {
    return folder.resolve(String.format("m-%05d-of-%05d.gguf", number + 1, count));
  }

  private static void refused(Path path, String... parts) {
    var e = assertThrows(CheckpointException.class, () -> new GgufFormat().open(path).close());
    for (String part : parts) {
      assertTrue(
          e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
    }
  }

  @Test
  void allShardsOpenFromTheFirst() {
    try (Checkpoint checkpoint = new GgufFormat().open(path(0, 3))) {
      assertEquals("llama", checkpoint.metadata().string("general.architecture"));
      assertEquals(List.of(path(0, 3), path(1, 3), path(2, 3)), checkpoint.files());
      assertEquals(List.of("w0", "w1", "w2"), List.copyOf(checkpoint.tensors().keySet()));
      assertArrayEquals(
          new byte[] {2, 1, 2, 3}, checkpoint.data("w2").toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void anotherShardNamesTheFirst() {
    refused(path(1, 3), "part 2 of a model in 3 files", "open the first, m-00001-of-00003.gguf");
  }

  @Test
  void aMissingShardIsNamed() throws Exception {
    Files.delete(path(2, 3));
    refused(path(0, 3), "m-00003-of-00003.gguf", "missing", "part 3 of 3");
  }

  @Test
  void aRenamedFirstShardSaysHowItShouldBeCalled() throws Exception {
    Path renamed = folder.resolve("model.gguf");
    Files.move(path(0, 3), renamed);
    refused(renamed, "-00001-of-00003.gguf", "rename it");
  }

  @Test
  void shardsOfAnotherModelAreRefused() {
    shard(1, 4, 3, "w1").write(path(1, 3));
    refused(path(0, 3), "m-00002-of-00003.gguf", "'split.count' should be 3, found 4");
    shard(1, 3, 3, "w0").write(path(1, 3));
    refused(path(0, 3), "m-00002-of-00003.gguf", "tensor 'w0' is there already");
    shard(1, 3, 3, "w1").tensor("extra", DataType.I8, Shape.of(1), new byte[1]).write(path(1, 3));
    refused(path(0, 3), "hold 3 tensors, found 4");
  }

  @Test
  void aMergedFileStandsAlone() {
    Path merged = folder.resolve("merged.gguf");
    shard(0, 0, 1, "w").write(merged);
    new GgufFormat().open(merged).close();
  }
}
