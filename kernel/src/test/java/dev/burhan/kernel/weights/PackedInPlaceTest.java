package dev.burhan.kernel.weights;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Layout;
import dev.burhan.backend.Resident;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.testing.MappedCheckpoint;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.PaddedPanels;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedInPlaceTest {
  private static final Layout PANELS = new Layout("test-panels", 1);

  private final NativeHostMemory memory = new NativeHostMemory();

  private static Weight weight(String name, Weight.Use use, DataType type, long... shape) {
    return new Weight(name, type, Shape.of(shape), new Source.Stored("w"), use);
  }

  private static float[] random(int count) {
    float[] numbers = new float[count];
    Random random = new Random(7);
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextFloat();
    }
    return numbers;
  }

  @Test
  void aTiedHeadAndItsEmbeddingAreOneCopy() {
    MemoryCheckpoint checkpoint = new MemoryCheckpoint("test");
    checkpoint.tensor("w", Shape.of(64, 8), random(512));
    PaddedPanels packer = new PaddedPanels();
    Weight table = weight("embedding", Weight.Use.GATHER, DataType.F32, 64, 8);
    Weight head = weight("head", Weight.Use.MATRIX, DataType.F32, 64, 8);
    try (CheckpointWeightStore store = new CheckpointWeightStore(checkpoint, memory);
        Resident embedded = store.acquire(table, PANELS, packer);
        Resident multiplied = store.acquire(head, PANELS, packer)) {
      assertEquals(embedded.segment().address(), multiplied.segment().address());
      assertEquals("embedding", embedded.weight().name());
      assertEquals("head", multiplied.weight().name());
      assertEquals(1, packer.parts().size());
      assertEquals(1, memory.liveBlocks());
      assertEquals(64 * 32, store.madeBytes());
    }
  }

  @Test
  void everyExpertIsPackedByItself() {
    long experts = 3;
    long rows = 1000; // no multiple of a panel
    MemoryCheckpoint checkpoint = new MemoryCheckpoint("test");
    float[] numbers = random((int) (experts * rows * 1800));
    checkpoint.tensor("w", Shape.of(experts, rows, 1800), numbers);
    PaddedPanels packer = new PaddedPanels();
    Weight weight = weight("experts", Weight.Use.EXPERTS, DataType.F32, experts, rows, 1800);
    try (CheckpointWeightStore store = new CheckpointWeightStore(checkpoint, memory);
        Resident packed = store.acquire(weight, PANELS, packer)) {
      long all = 0;
      for (long[] part : packer.parts()) {
        assertEquals(0, part[0] % rows % 32);
        assertEquals(part[0] / rows, (part[0] + part[1] - 1) / rows, "crosses experts");
        all += part[1];
      }
      assertEquals(experts * rows, all);
      assertTrue(packer.parts().size() > experts, "large experts are cut");
      long rowBytes = 7200;
      for (long expert = 0; expert < experts; expert++) {
        MemorySegment original =
            checkpoint.data("w").asSlice(expert * rows * rowBytes, rows * rowBytes);
        assertEquals(
            -1,
            packed.segment().asSlice(expert * 1024 * rowBytes, rows * rowBytes).mismatch(original));
      }
    }
  }

  @Test
  void theOriginalDoesNotStayResidentBesideItsCopies(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("weights");
    long rows = 8192;
    byte[] bytes = new byte[(int) (rows * 34 * 32)]; // 8.5 MiB
    new Random(3).nextBytes(bytes);
    Files.write(file, bytes);
    try (CheckpointWeightStore store =
        new CheckpointWeightStore(
            MappedCheckpoint.of(file, DataType.Q8_0, Shape.of(rows, 1024), "w"), memory)) {
      Optional<Long> resident = MappedCheckpoint.residentBytes(file);
      Assumptions.assumeTrue(resident.isPresent(), "skipped: no /proc/self/smaps here");
      Weight weight = weight("w", Weight.Use.MATRIX, DataType.Q8_0, rows, 1024);
      try (Resident packed = store.acquire(weight, PANELS, new PaddedPanels());
          Resident plain = store.acquire(weight, Layout.F32)) {
        assertEquals(-1, packed.segment().mismatch(MemorySegment.ofArray(bytes)));
        assertEquals(rows * 4096, plain.segment().byteSize());
        assertTrue(MappedCheckpoint.residentBytes(file).orElseThrow() < bytes.length / 20);
        try (Resident inFile = store.acquire(weight, Layout.FILE)) {
          long sum = 0;
          for (long at = 0; at < bytes.length; at += 4096) {
            sum += inFile.segment().get(JAVA_BYTE, at);
          }
          assertTrue( // what is measured can be seen: read through the mapping it is resident
              MappedCheckpoint.residentBytes(file).orElseThrow() > bytes.length / 2, "sum " + sum);
        }
      }
    }
  }
}
