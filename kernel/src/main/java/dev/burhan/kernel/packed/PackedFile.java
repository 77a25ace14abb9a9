package dev.burhan.kernel.packed;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * One packed weight in a file of its own. Little-endian:
 *
 * <pre>
 * header   4,096 bytes: magic (8), format (4), parts (4), payload length (8), identity (32),
 *          checksum of the table (4), zeros, checksum of the header before it (last 4)
 * payload  the packed bytes
 * table    a checksum (4) for each 64 KiB of the payload, the last one for what is left
 * </pre>
 *
 * Checksums are CRC-32C. A file is written under a name of its own beside its place, forced to the
 * disk and then renamed, and never changed afterwards: whoever has it mapped keeps what was
 * checked.
 */
final class PackedFile {
  /** A multiple of the page size of every system but a few: the payload is mapped from here. */
  static final int HEADER = 4096;

  /**
   * What one checksum covers. Small, since who reads an expert reads the whole parts at its ends.
   */
  static final int PART = 1 << 16;

  /** How the name of a file ends that is not whole yet. */
  static final String UNFINISHED = ".part";

  private static final long MAGIC = 0x4b_50_4e_41_48_52_55_42L; // "BURHANPK"
  private static final int FORMAT = 2;
  private static final int IDENTITY = 32;
  private static final int HEADER_SUM = HEADER - Integer.BYTES;

  private PackedFile() {}

  /** A file that can't be used. The message says why. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      super(message);
    }
  }

  /** Points of writing, in order. */
  enum Step {
    CREATED,
    PART_WRITTEN,
    PAYLOAD_WRITTEN,
    SEALED,
    FORCED,
    RENAMED
  }

  /** Watches a file being written. */
  interface Watch {
    /** Asked between parts; what was written so far is deleted then. */
    boolean stopped();

    default void reached(Step step) {}
  }

  /** A checked payload, mapped: read-only, without a lifetime check, valid until closed. */
  record Mapped(MemorySegment segment, Arena arena) implements AutoCloseable {
    @Override
    public void close() {
      arena.close();
    }
  }

  /**
   * Writes a file and puts it in its place.
   *
   * @param identity 32 bytes that say what the payload is
   * @param payload outside of the Java heap
   * @return whether it was written; false if it was stopped
   */
  static boolean write(Path target, byte[] identity, MemorySegment payload, Watch watch)
      throws IOException {
    try (PackedFileWriter writer =
        new PackedFileWriter(target, identity, payload.byteSize(), watch)) {
      return writer.append(payload) && writer.finish();
    }
  }

  static ByteBuffer header(byte[] identity, long bytes, int tableSum) {
    ByteBuffer header = littleEndian(HEADER);
    header.putLong(MAGIC).putInt(FORMAT).putInt(parts(bytes)).putLong(bytes);
    header.put(identity).putInt(tableSum);
    header.putInt(HEADER_SUM, sum(header.slice(0, HEADER_SUM)));
    return header.rewind();
  }

  /**
   * Maps a file's payload after everything about it was checked.
   *
   * @param identity what it must be
   * @param bytes how long the payload must be
   * @throws java.nio.file.NoSuchFileException if it is not there
   * @throws DamagedException if it is anything else than what {@link #write} leaves
   */
  static Mapped open(Path file, byte[] identity, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer table = check(channel, identity, bytes);
      Arena arena = Arena.ofShared();
      try {
        MemorySegment payload = map(channel, bytes, arena);
        boolean whole =
            IntStream.range(0, parts(bytes))
                .parallel()
                .allMatch(i -> sum(part(payload, i)) == table.getInt(Integer.BYTES * i));
        if (!whole) {
          throw new DamagedException("its checksums don't fit its content");
        }
        return new Mapped(payload, arena);
      } catch (IOException | RuntimeException | Error e) {
        arena.close();
        throw e;
      }
    }
  }

  /** Whether a file says that it is what it should be; its content is not looked at. */
  static boolean isPresent(Path file, byte[] identity, long bytes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      check(channel, identity, bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The table, after all but the payload was checked. */
  static ByteBuffer check(FileChannel channel, byte[] identity, long bytes) throws IOException {
    long expected = HEADER + bytes + (long) Integer.BYTES * parts(bytes);
    if (channel.size() != expected) {
      throw new DamagedException("it has " + channel.size() + " bytes, expected " + expected);
    }
    ByteBuffer header = readFully(channel, 0, HEADER);
    if (header.getInt(HEADER_SUM) != sum(header.slice(0, HEADER_SUM))) {
      throw new DamagedException("its header is broken");
    }
    if (header.getLong() != MAGIC || header.getInt() != FORMAT) {
      throw new DamagedException("it is of another format");
    }
    if (header.getInt() != parts(bytes) || header.getLong() != bytes) {
      throw new DamagedException("it holds another length than the expected " + bytes);
    }
    byte[] found = new byte[IDENTITY];
    header.get(found);
    if (!Arrays.equals(found, identity)) {
      throw new DamagedException("it holds another weight");
    }
    ByteBuffer table = readFully(channel, HEADER + bytes, Integer.BYTES * parts(bytes));
    if (header.getInt() != sum(table.duplicate())) {
      throw new DamagedException("its table of checksums is broken");
    }
    return table;
  }

  /**
   * The payload as plain native memory: a lifetime check at each access would cost kernels, and one
   * kind of segment, the one that {@code HostMemory} gives, keeps their call sites monomorphic.
   */
  @SuppressWarnings("restricted") // the length is the one that was mapped
  private static MemorySegment map(FileChannel channel, long bytes, Arena arena)
      throws IOException {
    MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, HEADER, bytes, arena);
    return MemorySegment.ofAddress(mapped.address()).reinterpret(bytes).asReadOnly();
  }

  static int parts(long bytes) {
    return Math.toIntExact(Math.ceilDiv(bytes, PART));
  }

  private static ByteBuffer part(MemorySegment payload, int index) {
    long at = (long) index * PART;
    return payload.asSlice(at, Math.min(PART, payload.byteSize() - at)).asByteBuffer();
  }

  static int sum(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return (int) sum.getValue();
  }

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static void writeFully(FileChannel channel, ByteBuffer from, long at) throws IOException {
    for (long position = at; from.hasRemaining(); ) {
      position += channel.write(from, position);
    }
  }

  private static ByteBuffer readFully(FileChannel channel, long at, int bytes) throws IOException {
    ByteBuffer to = littleEndian(bytes);
    readFully(channel, at, to);
    return to.flip();
  }

  /** Fills a buffer. */
  static void readFully(FileChannel channel, long at, ByteBuffer to) throws IOException {
    for (long position = at; to.hasRemaining(); ) {
      int count = channel.read(to, position);
      if (count < 0) {
        throw new DamagedException(
            "it ends at byte %d where bytes up to %d were expected"
                .formatted(channel.size(), position + to.remaining()));
      }
      position += count;
    }
  }
}
