package dev.burhan.kernel.packed;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.kernel.packed.PackedFile.DamagedException;
import dev.burhan.kernel.packed.PackedFile.Mapped;
import dev.burhan.kernel.packed.PackedFile.Step;
import dev.burhan.kernel.packed.PackedFile.Watch;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedFileTest {
  private static final int BYTES = 2 * PackedFile.PART + 12_345;

  @TempDir private Path folder;
  private final Random random = new Random(11);
  private final byte[] identity = bytes(32);
  private final byte[] content = bytes(BYTES);
  private final Arena arena = Arena.ofShared();
  private final MemorySegment payload =
      arena.allocate(BYTES, 64).copyFrom(MemorySegment.ofArray(content));

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  @AfterEach
  void close() {
    arena.close();
  }

  private Path file() {
    return folder.resolve("weight.packed");
  }

  private boolean write(Watch watch) throws IOException {
    return PackedFile.write(file(), identity, payload, watch);
  }

  private byte[] written() throws IOException {
    assertTrue(write(() -> false));
    return Files.readAllBytes(file());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private void assertDamaged(byte[] found, String message) throws IOException {
    Files.write(file(), found);
    assertThrows(
        DamagedException.class, () -> PackedFile.open(file(), identity, BYTES).close(), message);
  }

  @Test
  void whatWasWrittenIsMappedAgain() throws IOException {
    written();
    assertEquals(List.of("weight.packed"), names());
    assertTrue(PackedFile.isPresent(file(), identity, BYTES));
    try (Mapped mapped = PackedFile.open(file(), identity, BYTES)) {
      assertArrayEquals(content, mapped.segment().toArray(JAVA_BYTE));
      assertTrue(mapped.segment().isReadOnly());
      assertEquals(0, mapped.segment().address() % 4096);
    }
  }

  @Test
  void aFileThatIsNotThereIsNoDamage() {
    assertThrows(NoSuchFileException.class, () -> PackedFile.open(file(), identity, BYTES).close());
  }

  @Test
  void everyBitCounts() throws IOException {
    byte[] whole = written();
    List<Integer> places = new ArrayList<>();
    IntStream.range(0, PackedFile.HEADER).forEach(places::add);
    IntStream.range(whole.length - 12, whole.length).forEach(places::add); // the table
    random.ints(200, PackedFile.HEADER, whole.length).forEach(places::add);
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      for (int at : places) {
        byte broken = (byte) (whole[at] ^ (1 << random.nextInt(8)));
        channel.write(ByteBuffer.wrap(new byte[] {broken}), at);
        assertThrows(
            DamagedException.class,
            () -> PackedFile.open(file(), identity, BYTES).close(),
            "byte " + at);
        channel.write(ByteBuffer.wrap(new byte[] {whole[at]}), at);
      }
    }
    PackedFile.open(file(), identity, BYTES).close(); // whole again
  }

  @Test
  void everyLengthCounts() throws IOException {
    byte[] whole = written();
    for (int length : new int[] {0, 1, 4095, 4096, 4097, whole.length - 1, whole.length + 1}) {
      assertDamaged(Arrays.copyOf(whole, length), "length " + length);
    }
    for (int i = 0; i < 40; i++) {
      int length = random.nextInt(whole.length);
      assertDamaged(Arrays.copyOf(whole, length), "length " + length);
    }
  }

  /** Headers that are right by their checksum but lie. */
  @Test
  void aHeaderThatLiesIsFoundOut() throws IOException {
    byte[] whole = written();
    assertDamaged(lying(whole, 8, 1), "an older format");
    assertDamaged(lying(whole, 12, 1), "fewer parts");
    assertDamaged(lying(whole, 12, Integer.MAX_VALUE), "more parts");
    assertDamaged(lying(whole, 16, BYTES - 1), "a shorter payload");
    assertDamaged(lying(whole, 20, Integer.MAX_VALUE), "a far longer payload");
    assertDamaged(lying(whole, 24, 0), "another identity");
    byte[] other = identity.clone();
    other[31] ^= 1;
    Files.write(file(), whole);
    assertThrows(DamagedException.class, () -> PackedFile.open(file(), other, BYTES).close());
    for (long bytes : new long[] {1, BYTES - 1, BYTES + 1, 1L << 40}) {
      assertThrows(DamagedException.class, () -> PackedFile.open(file(), identity, bytes).close());
      assertFalse(PackedFile.isPresent(file(), identity, bytes));
    }
  }

  private static byte[] lying(byte[] whole, int at, int value) {
    byte[] lie = whole.clone();
    ByteBuffer header = ByteBuffer.wrap(lie).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(at, value);
    CRC32C sum = new CRC32C();
    sum.update(lie, 0, PackedFile.HEADER - 4);
    header.putInt(PackedFile.HEADER - 4, (int) sum.getValue());
    return lie;
  }

  @Test
  void foreignFilesAreDamage() throws IOException {
    assertDamaged(new byte[written().length], "zeros");
    assertDamaged(bytes(BYTES), "noise");
    Files.delete(file());
    Files.createDirectory(file());
    assertThrows(IOException.class, () -> PackedFile.open(file(), identity, BYTES).close());
  }

  @Test
  void aStoppedWriterLeavesNothing() throws IOException {
    int[] asked = {0};
    assertFalse(write(() -> asked[0]++ == 2));
    assertEquals(List.of(), names());
  }

  @Test
  void aWriterThatFailsLeavesNothingButAWholeFile() throws IOException {
    for (Step failing : Step.values()) {
      Watch watch =
          new Watch() {
            @Override
            public boolean stopped() {
              return false;
            }

            @Override
            public void reached(Step step) {
              if (step == failing) {
                throw new IllegalStateException("at " + step);
              }
            }
          };
      assertThrows(IllegalStateException.class, () -> write(watch));
      assertEquals(failing == Step.RENAMED ? List.of("weight.packed") : List.of(), names());
    }
    PackedFile.open(file(), identity, BYTES).close();
  }

  @Test
  void whoHasAFileMappedKeepsItsBytesWhenItIsReplaced() throws IOException {
    written();
    try (Mapped mapped = PackedFile.open(file(), identity, BYTES)) {
      payload.set(JAVA_BYTE, 0, (byte) ~content[0]);
      written();
      assertEquals(content[0], mapped.segment().get(JAVA_BYTE, 0));
      Files.delete(file());
      assertArrayEquals(content, mapped.segment().toArray(JAVA_BYTE));
    }
  }
}
