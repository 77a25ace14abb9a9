package dev.burhan.kernel.packed;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32C;

/**
 * Writes a {@link PackedFile} from pieces that come one after another, of any lengths: what it
 * holds in memory is the table of checksums. It has a name of its own until {@link #finish}; closed
 * before that, nothing is left of it.
 */
final class PackedFileWriter implements AutoCloseable {
  /** So many parts are written before they are forced to the disk: what a stop has to wait for. */
  private static final int FORCED = (16 << 20) / PackedFile.PART;

  private final Path target;
  private final Path file;
  private final byte[] identity;
  private final long bytes;
  private final PackedFile.Watch watch;
  private final FileChannel channel;
  private final ByteBuffer table;
  private final CRC32C sum = new CRC32C(); // of the part that is being written
  private long written;
  private boolean stopped;

  /**
   * Begins a file.
   *
   * @param identity 32 bytes that say what the payload is
   * @param bytes of the payload
   */
  PackedFileWriter(Path target, byte[] identity, long bytes, PackedFile.Watch watch)
      throws IOException {
    this.target = target;
    this.identity = identity;
    this.bytes = bytes;
    this.watch = watch;
    this.table = PackedFile.littleEndian(Integer.BYTES * PackedFile.parts(bytes));
    this.file =
        target.resolveSibling(
            target.getFileName()
                + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong())
                + PackedFile.UNFINISHED);
    this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      watch.reached(PackedFile.Step.CREATED);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Writes the payload's next bytes.
   *
   * @param piece outside of the Java heap
   * @return false if it was stopped
   */
  boolean append(MemorySegment piece) throws IOException {
    if (piece.byteSize() > bytes - written) {
      throw new IllegalArgumentException(
          piece.byteSize() + " bytes after " + written + " are more than the payload's " + bytes);
    }
    for (long done = 0; done < piece.byteSize() && !stopped; ) {
      if (watch.stopped()) {
        stopped = true;
        return false;
      }
      long count = Math.min(PackedFile.PART - written % PackedFile.PART, piece.byteSize() - done);
      ByteBuffer some = piece.asSlice(done, count).asByteBuffer();
      sum.update(some.duplicate());
      PackedFile.writeFully(channel, some, PackedFile.HEADER + written);
      written += count;
      done += count;
      if (written % PackedFile.PART == 0 || written == bytes) {
        endPart();
      }
    }
    return !stopped;
  }

  private void endPart() throws IOException {
    table.putInt((int) sum.getValue());
    sum.reset();
    if (table.position() / Integer.BYTES % FORCED == 0) {
      channel.force(false);
    }
    watch.reached(PackedFile.Step.PART_WRITTEN);
  }

  /** Puts the file in its place; false if it was stopped. */
  boolean finish() throws IOException {
    if (stopped) {
      return false;
    }
    if (written != bytes) {
      throw new IllegalStateException(written + " of " + bytes + " bytes were written");
    }
    watch.reached(PackedFile.Step.PAYLOAD_WRITTEN);
    int tableSum = PackedFile.sum(table.flip().duplicate());
    PackedFile.writeFully(channel, table, PackedFile.HEADER + bytes);
    PackedFile.writeFully(channel, PackedFile.header(identity, bytes, tableSum), 0);
    watch.reached(PackedFile.Step.SEALED);
    channel.force(true); // or the name could stand for bytes that a power cut takes back
    watch.reached(PackedFile.Step.FORCED);
    channel.close();
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    watch.reached(PackedFile.Step.RENAMED);
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
