package dev.burhan.kernel.packed;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.kernel.packed.PackedFile.DamagedException;
import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedFileReaderTest {
  private static final int PART = PackedFile.PART;
  private static final int BYTES = 40 * PART + 12_345;

  @TempDir private Path folder;
  private final Random random = new Random(17);
  private final byte[] identity = bytes(32);
  private final byte[] content = bytes(BYTES);
  private final Arena arena = Arena.ofShared();
  private Path file;

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("weight.packed");
    write(file, BYTES);
  }

  @AfterEach
  void close() {
    arena.close();
  }

  /** In pieces of at most so many bytes. */
  private void write(Path to, int most) throws IOException {
    try (PackedFileWriter writer = new PackedFileWriter(to, identity, BYTES, () -> false)) {
      for (int at = 0; at < BYTES; ) {
        int count = Math.min(1 + random.nextInt(most), BYTES - at);
        MemorySegment piece = arena.allocate(count);
        assertTrue(
            writer.append(piece.copyFrom(MemorySegment.ofArray(content).asSlice(at, count))));
        at += count;
      }
      assertTrue(writer.finish());
    }
  }

  private PackedFileReader open() throws IOException {
    return PackedFileReader.open(file, identity, BYTES);
  }

  private static byte[] read(PackedFileReader reader, int from, int count) {
    byte[] to = new byte[count];
    reader.read(from, MemorySegment.ofArray(to));
    return to;
  }

  private void flip(long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 16));
      channel.write(one.flip(), at);
    }
  }

  @Test
  void anyBytesAreReadFromAnyPlace() throws IOException {
    try (PackedFileReader reader = open()) {
      for (int i = 0; i < 300; i++) {
        int from = random.nextInt(BYTES);
        int count = random.nextInt(Math.min(BYTES - from, i % 3 == 0 ? BYTES : 3 * PART) + 1);
        byte[] expected = Arrays.copyOfRange(content, from, from + count);
        assertArrayEquals(expected, read(reader, from, count), from + " " + count);
        MemorySegment outside = arena.allocate(Math.max(1, count)).asSlice(0, count);
        reader.read(from, outside);
        assertArrayEquals(expected, outside.toArray(JAVA_BYTE));
      }
      int[][] edges = {{0, BYTES}, {PART, PART}, {BYTES - 1, 1}, {40 * PART, 12_345}, {BYTES, 0}};
      for (int[] edge : edges) {
        assertArrayEquals(
            Arrays.copyOfRange(content, edge[0], edge[0] + edge[1]),
            read(reader, edge[0], edge[1]));
      }
      assertThrows(IllegalArgumentException.class, () -> read(reader, BYTES - 5, 6));
      assertThrows(IllegalArgumentException.class, () -> read(reader, -1, 1));
      reader.verify();
    }
  }

  @Test
  void whateverThePiecesTheFileIsTheSame() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int most : new int[] {5_000, PART, 3 * PART}) {
      Path other = folder.resolve("other.packed");
      write(other, most);
      assertArrayEquals(whole, Files.readAllBytes(other));
    }
  }

  @Test
  void aWriterThatIsGivenUpLeavesNothing() throws IOException {
    Path other = folder.resolve("other.packed");
    try (PackedFileWriter writer = new PackedFileWriter(other, identity, 100, () -> false)) {
      writer.append(arena.allocate(60));
      assertThrows(IllegalStateException.class, writer::finish); // 40 are missing
      assertThrows(IllegalArgumentException.class, () -> writer.append(arena.allocate(60)));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void aBitThatFlipsIsFoundByWhoReadsItsPart() throws IOException {
    try (PackedFileReader reader = open()) {
      for (int at : new int[] {0, 3 * PART + 7, 20 * PART - 1, BYTES - 1}) {
        flip(PackedFile.HEADER + at);
        int part = at - at % PART;
        int beside = part >= PART ? part - PART : part + PART; // untouched
        assertArrayEquals(
            Arrays.copyOfRange(content, beside, beside + PART), read(reader, beside, PART));
        for (int[] range : new int[][] {{0, BYTES}, {at, 1}, {part, Math.min(9, BYTES - part)}}) {
          String message =
              assertThrows(BurhanException.class, () -> read(reader, range[0], range[1]))
                  .getMessage();
          assertTrue(message.contains(file.toString()), message);
          assertTrue(message.contains("byte " + (PackedFile.HEADER + part) + " "), message);
        }
        assertThrows(BurhanException.class, reader::verify);
        flip(PackedFile.HEADER + at);
        reader.verify(); // it is read again each time
      }
    }
  }

  @Test
  void aFileThatShrinksIsAnErrorOfTheReader() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    try (PackedFileReader reader = open()) {
      for (int length : new int[] {0, PackedFile.HEADER + 10 * PART + 5, BYTES}) {
        Files.write(file, Arrays.copyOf(whole, length));
        String message =
            assertThrows(BurhanException.class, () -> read(reader, 0, BYTES)).getMessage();
        assertTrue(message.contains(file + ": bytes "), message);
        assertTrue(message.contains("ends at byte " + length + " "), message);
      }
      Files.write(file, whole);
      assertArrayEquals(content, read(reader, 0, BYTES));
    }
  }

  @Test
  void headerAndTableAreCheckedWhenItIsOpened() throws IOException {
    long size = Files.size(file);
    for (long at : new long[] {0, 9, 17, 30, 59, 2000, 4095, size - 1, size - 41 * 4}) {
      flip(at);
      assertThrows(DamagedException.class, () -> open().close(), "byte " + at);
      flip(at);
    }
    open().close();
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) size - 1));
    assertThrows(DamagedException.class, () -> open().close());
    Files.delete(file);
    assertThrows(NoSuchFileException.class, () -> open().close());
  }

  @Test
  void anInterruptDisturbsNoReader() throws Exception {
    try (PackedFileReader reader = open()) {
      Thread other =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 200; i++) {
                      Thread.currentThread().interrupt();
                      read(reader, i * 1000, 1000);
                    }
                  });
      for (int i = 0; i < 200; i++) {
        int from = i * 2000;
        assertArrayEquals(
            Arrays.copyOfRange(content, from, from + 5 * PART), read(reader, from, 5 * PART));
      }
      other.join();
      Thread.currentThread().interrupt();
      assertArrayEquals(content, read(reader, 0, BYTES));
      assertTrue(Thread.interrupted());
      assertFalse(Thread.interrupted());
    }
  }

  @Test
  void aClosedReaderSaysSo() throws IOException {
    PackedFileReader reader = open();
    reader.close();
    reader.close();
    assertThrows(IllegalStateException.class, () -> read(reader, 0, 1));
  }
}
