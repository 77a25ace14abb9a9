package dev.burhan.kernel.packed;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Layout;
import dev.burhan.backend.PackedWeight;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Resident;
import dev.burhan.backend.Rows;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.packed.PackedAhead.Written;
import dev.burhan.kernel.testing.MappedCheckpoint;
import dev.burhan.kernel.testing.PaddedPanels;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.kernel.weights.PackedStream;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.HostMemory;
import dev.burhan.provider.Progress;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two stacks of experts and a matrix, packed before anybody loads them. */
class PackedAheadTest {
  private static final Layout PANELS = new Layout("test-panels", 1);
  private static final int EXPERTS = 40;
  private static final int ROWS = 100; // 128 when packed
  private static final int COLS = 320;
  private static final long ROW_BYTES = 340;
  private static final long EXPERT_BYTES = 128 * ROW_BYTES;
  private static final long STACK_BYTES = EXPERTS * EXPERT_BYTES;
  private static final long MATRIX_BYTES = EXPERTS * ROWS * ROW_BYTES; // no padding
  private static final long ALL_BYTES = 2 * STACK_BYTES + MATRIX_BYTES;

  @TempDir private Path temporary;
  private final NativeHostMemory memory = new NativeHostMemory();
  private final PaddedPanels packer = new PaddedPanels();
  private Path model;
  private PackedFolder folder;

  @BeforeEach
  void makeModel() throws IOException {
    model = temporary.resolve("model");
    folder = new PackedFolder(temporary.resolve("packed"), Long.MAX_VALUE);
    writeModel(1);
  }

  @AfterEach
  void everythingIsGivenBack() {
    assertEquals(0, memory.liveBlocks());
  }

  private void writeModel(int seed) throws IOException {
    byte[] bytes = new byte[(int) (3 * EXPERTS * ROWS * ROW_BYTES)];
    new Random(seed).nextBytes(bytes);
    Files.write(model, bytes);
    Files.setLastModifiedTime(model, FileTime.from(Instant.now().minusSeconds(60)));
  }

  private MappedCheckpoint checkpoint() {
    return MappedCheckpoint.of(
        model, DataType.Q8_0, Shape.of(EXPERTS, ROWS, COLS), "up", "down", "matrix");
  }

  private static Weight experts(String tensor) {
    return new Weight(
        tensor,
        DataType.Q8_0,
        Shape.of(EXPERTS, ROWS, COLS),
        new Source.Stored(tensor),
        Weight.Use.EXPERTS);
  }

  private static Weight matrix() {
    return new Weight(
        "matrix",
        DataType.Q8_0,
        Shape.of(EXPERTS * ROWS, COLS),
        new Source.Reshape(
            new Source.Stored("matrix"), List.of((long) EXPERTS * ROWS, (long) COLS)),
        Weight.Use.MATRIX);
  }

  private Written write(HostMemory memory, Layout layout, Weight... weights) {
    try (MappedCheckpoint checkpoint = checkpoint()) {
      List<PackedStream> streams =
          Stream.of(weights)
              .map(weight -> new PackedStream(new PackedWeight(weight, layout, packer), checkpoint))
              .toList();
      return new PackedAhead(checkpoint, folder, memory, Progress.NONE, PackedCheckpointTest::later)
          .write(streams);
    }
  }

  private Written writeAll() {
    return write(memory, PANELS, experts("up"), experts("down"), matrix(), experts("up"));
  }

  /** Counts what is out. */
  private static final class Counted implements HostMemory {
    private final HostMemory memory;
    private long most;
    private long live;

    Counted(HostMemory memory) {
      this.memory = memory;
    }

    @Override
    public synchronized MemorySegment map(long bytes) {
      live += bytes;
      most = Math.max(most, live);
      return memory.map(bytes);
    }

    @Override
    public synchronized void unmap(MemorySegment segment) {
      live -= segment.byteSize();
      memory.unmap(segment);
    }
  }

  /** A start with memory for four experts. */
  private final class Start implements AutoCloseable {
    final MappedCheckpoint checkpoint = checkpoint();
    final PaddedPanels panels = new PaddedPanels();
    final CheckpointWeightStore store;

    Start() {
      store =
          new CheckpointWeightStore(
              checkpoint,
              memory,
              PackedCheckpoint.of(checkpoint, folder, 0, PackedCheckpointTest.later())
                  .orElseThrow(),
              4 * EXPERT_BYTES);
    }

    ExpertSlots slots(Layout layout, Packer packer, String tensor) {
      return store.slots(experts(tensor), layout, Optional.of(packer)).orElseThrow();
    }

    ExpertSlots slots(String tensor) {
      return slots(PANELS, panels, tensor);
    }

    /** All experts are the file's, with zeros up to a panel's end. */
    void assertRight(ExpertSlots slots, String tensor) {
      for (int expert = 0; expert < EXPERTS; expert++) {
        MemorySegment rows = slots.acquire(expert);
        assertEquals(EXPERT_BYTES, rows.byteSize());
        assertEquals(
            -1,
            rows.asSlice(0, ROWS * ROW_BYTES)
                .mismatch(
                    checkpoint.data(tensor).asSlice(expert * ROWS * ROW_BYTES, ROWS * ROW_BYTES)));
        slots.release(expert);
      }
    }

    @Override
    public void close() {
      store.close();
    }
  }

  private Path file(Weight weight) throws IOException {
    try (Stream<Path> all = Files.walk(folder.root())) {
      return all.filter(file -> file.toString().endsWith(".packed"))
          .filter(file -> holds(file, weight))
          .findFirst()
          .orElseThrow();
    }
  }

  private boolean holds(Path file, Weight weight) {
    try (MappedCheckpoint checkpoint = checkpoint()) {
      byte[] payload = Files.readAllBytes(file);
      return checkpoint
              .data(weight.name())
              .asSlice(0, ROW_BYTES)
              .mismatch(MemorySegment.ofArray(payload).asSlice(PackedFile.HEADER, ROW_BYTES))
          == -1;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void flip(Path file, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 16));
      channel.write(one.flip(), at);
    }
  }

  @Test
  void aMissReadsWhatLiesPackedAndPacksNothing() {
    assertEquals(new Written(ALL_BYTES, 0), writeAll());
    try (Start start = new Start()) {
      for (String tensor : List.of("up", "down", "up")) {
        start.assertRight(start.slots(tensor), tensor);
      }
      assertEquals(List.of(), start.panels.parts());
      assertEquals(3 * STACK_BYTES, start.store.expertCounts().orElseThrow().packedBytes());
      assertEquals(3 * STACK_BYTES, start.store.expertCounts().orElseThrow().bytesRead());
      assertEquals(3 * EXPERTS, start.store.expertCounts().orElseThrow().misses());
      start.slots("up").acquire(EXPERTS - 1);
      start.slots("up").release(EXPERTS - 1);
      assertEquals(1, start.store.expertCounts().orElseThrow().hits());
    }
  }

  @Test
  void noMoreThanAnExpertIsInMemory() {
    Counted counted = new Counted(memory);
    write(counted, PANELS, experts("up"), experts("down"));
    assertEquals(EXPERT_BYTES, counted.most);
    assertEquals(0, counted.live);
    write(counted, PANELS, matrix());
    assertEquals(MATRIX_BYTES, counted.most); // one matrix
  }

  @Test
  void aStartWithEverythingInMemoryFindsTheSameFiles() {
    writeAll();
    MappedCheckpoint checkpoint = checkpoint();
    PackedCheckpoint kept =
        PackedCheckpoint.of(checkpoint, folder, 0, PackedCheckpointTest.later()).orElseThrow();
    try (CheckpointWeightStore store = new CheckpointWeightStore(checkpoint, memory, kept);
        Resident up = store.acquire(experts("up"), PANELS, packer);
        Resident _ = store.acquire(experts("down"), PANELS, packer);
        Resident _ = store.acquire(matrix(), PANELS, packer)) {
      assertEquals(ALL_BYTES, store.cachedBytes());
      assertEquals(0, store.madeBytes());
      assertEquals(STACK_BYTES, up.segment().byteSize());
    }
  }

  @Test
  void theOtherWeightsAreReadAndNotMappedWithExpertsOnTheDisk() throws IOException {
    writeAll();
    try (Start start = new Start();
        Resident held = start.store.acquire(matrix(), PANELS, start.panels)) {
      assertEquals(MATRIX_BYTES, start.store.cachedBytes());
      assertEquals(1, memory.liveBlocks());
      byte[] before = held.segment().toArray(JAVA_BYTE);
      Files.write(file(matrix()), new byte[0]); // would be a signal if it were mapped
      assertArrayEquals(before, held.segment().toArray(JAVA_BYTE));
      assertEquals(-1, held.segment().mismatch(start.checkpoint.data("matrix")));
    }
    writeAll();
    flip(file(matrix()), PackedFile.HEADER + MATRIX_BYTES / 2);
    try (Start start = new Start();
        Resident held = start.store.acquire(matrix(), PANELS, start.panels)) {
      assertEquals(MATRIX_BYTES, start.store.madeBytes()); // packed again
      assertEquals(-1, held.segment().mismatch(start.checkpoint.data("matrix")));
    }
  }

  @Test
  void whatIsWholeIsKeptAndWhatIsDamagedWrittenAgain() throws IOException {
    writeAll();
    assertEquals(new Written(0, ALL_BYTES), writeAll());
    Path up = file(experts("up"));
    flip(up, PackedFile.HEADER + STACK_BYTES / 2); // its header says nothing of it
    Path matrix = file(matrix());
    Files.write(matrix, new byte[99]);
    assertEquals(new Written(STACK_BYTES + MATRIX_BYTES, STACK_BYTES), writeAll());
    assertEquals(new Written(0, ALL_BYTES), writeAll());
  }

  @Test
  void aFileThatIsDamagedOrCutWhileItIsReadIsAnErrorThatNamesIt() throws IOException {
    writeAll();
    Path up = file(experts("up"));
    byte[] whole = Files.readAllBytes(up);
    long at = PackedFile.HEADER + 20 * EXPERT_BYTES + 5;
    try (Start start = new Start()) {
      ExpertSlots slots = start.slots("up");
      start.assertRight(slots, "up");
      flip(up, at);
      String flipped = assertThrows(BurhanException.class, () -> slots.acquire(20)).getMessage();
      assertTrue(flipped.contains(up.toString()) && flipped.contains("checksum"), flipped);
      slots.acquire(0); // far from it
      slots.release(0);
      try (FileChannel channel = FileChannel.open(up, StandardOpenOption.WRITE)) {
        channel.truncate(at);
      }
      slots.prefetch(30); // never fails
      String cut = assertThrows(BurhanException.class, () -> slots.acquire(30)).getMessage();
      assertTrue(cut.contains(up.toString()) && cut.contains("ends at byte " + at), cut);
      Files.write(up, whole, StandardOpenOption.WRITE);
      start.assertRight(slots, "up");
      assertEquals(List.of(), start.panels.parts());
    }
  }

  @Test
  void aFileThatIsDamagedAtTheStartIsNotTaken() throws IOException {
    writeAll();
    Path up = file(experts("up"));
    flip(up, 20);
    try (Start start = new Start()) {
      start.assertRight(start.slots("up"), "up");
      assertFalse(start.panels.parts().isEmpty()); // packed at each miss
      assertEquals(0, start.store.expertCounts().orElseThrow().packedBytes());
    }
  }

  /** As {@link PaddedPanels}, but someone changed the arrangement and forgot the version. */
  private static final class Inverted implements Packer {
    private final PaddedPanels panels = new PaddedPanels();

    @Override
    public long bytes(Weight weight) {
      return panels.bytes(weight);
    }

    @Override
    public int rowsPerPanel() {
      return panels.rowsPerPanel();
    }

    @Override
    public void pack(Weight weight, Rows rows, long first, long count, MemorySegment to) {
      panels.pack(weight, rows, first, count, to);
      to.set(JAVA_BYTE, 0, (byte) ~to.get(JAVA_BYTE, 0));
    }
  }

  @Test
  void whatWasPackedInAnotherWayOrFromAnotherFileIsNotTaken() throws IOException {
    writeAll();
    try (Start start = new Start()) {
      PaddedPanels newer = new PaddedPanels();
      start.assertRight(start.slots(new Layout("test-panels", 2), newer, "up"), "up");
      assertFalse(newer.parts().isEmpty());
      MemorySegment first =
          start.slots(new Layout("test-panels", 1), new Inverted(), "up").acquire(0);
      assertEquals((byte) ~start.checkpoint.data("up").get(JAVA_BYTE, 0), first.get(JAVA_BYTE, 0));
      assertEquals(0, start.store.expertCounts().orElseThrow().packedBytes());
    }
    FileTime time = Files.getLastModifiedTime(model);
    writeModel(2);
    Files.setLastModifiedTime(model, time); // as copying tools do
    Assumptions.assumeTrue(
        Files.getFileStore(model).supportsFileAttributeView("unix"),
        "skipped: no change time here");
    try (Start start = new Start()) {
      start.assertRight(start.slots("up"), "up");
      assertFalse(start.panels.parts().isEmpty());
    }
  }

  @Test
  void aModelThatWasWrittenJustNowIsWaitedFor() throws IOException {
    try (MappedCheckpoint checkpoint = checkpoint()) {
      PackedStream matrix =
          new PackedStream(new PackedWeight(matrix(), PANELS, packer), checkpoint);
      assertEquals(
          new Written(MATRIX_BYTES, 0),
          new PackedAhead(checkpoint, folder, memory, Progress.NONE).write(List.of(matrix)));
    }
    assertTrue(Files.exists(file(matrix())));
  }

  @Test
  void noRoomIsAnErrorThatNamesTheLimit() {
    folder = new PackedFolder(temporary.resolve("small"), ALL_BYTES / 2);
    String message = assertThrows(BurhanException.class, this::writeAll).getMessage();
    assertTrue(message.contains("packed.gigabytes"), message);
  }

  @Test
  void aPlaceThatSomebodyWritesToIsAnError() throws IOException {
    writeAll();
    Path place = file(matrix()).getParent();
    try (PackedFolder.Lock _ = folder.lock(place).orElseThrow()) {
      assertThrows(BurhanException.class, this::writeAll);
    }
  }

  @Test
  void whatAnInterruptedWriterLeftIsSwept() throws IOException {
    writeAll();
    Path left = file(matrix()).resolveSibling("x.packed.abc" + PackedFile.UNFINISHED);
    Files.write(left, new byte[10]);
    writeAll();
    assertFalse(Files.exists(left));
  }
}
