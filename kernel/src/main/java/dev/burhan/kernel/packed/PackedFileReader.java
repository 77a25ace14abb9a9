package dev.burhan.kernel.packed;

import dev.burhan.kernel.packed.PackedFile.DamagedException;
import dev.burhan.kernel.weights.PackedWeights;
import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A {@link PackedFile} that is read by position and never mapped, so that one that is cut, damaged
 * or can't be read is an error of who reads it. Length, header and table are checked when it is
 * opened, each part's checksum whenever bytes of it are read. Thread-safe; a thread's interrupt,
 * which closes the channel for all, disturbs no reader.
 */
final class PackedFileReader implements PackedWeights.Kept {
  /** So much is read at once: enough for a disk, and still in cache when it is summed. */
  private static final int RUN = 1 << 20;

  private final Path file;
  private final long bytes;
  private final ByteBuffer table;
  private volatile FileChannel channel;
  private volatile boolean closed;

  private PackedFileReader(Path file, long bytes, ByteBuffer table, FileChannel channel) {
    this.file = file;
    this.bytes = bytes;
    this.table = table;
    this.channel = channel;
  }

  /**
   * Opens a file.
   *
   * @param identity what it must be
   * @param bytes how long the payload must be
   * @throws java.nio.file.NoSuchFileException if it is not there
   * @throws DamagedException if length, header or table are not what a writer leaves
   */
  static PackedFileReader open(Path file, byte[] identity, long bytes) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new PackedFileReader(file, bytes, PackedFile.check(channel, identity, bytes), channel);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void read(long from, MemorySegment to) {
    if (from < 0 || from > bytes - to.byteSize()) {
      throw new IllegalArgumentException(
          "bytes [%d, %d) are not within the %d of %s"
              .formatted(from, from + to.byteSize(), bytes, file));
    }
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          read(channel(), from, to);
          return;
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted(); // ours or another's; channel() opens it again
        }
      }
    } catch (IOException e) {
      throw new BurhanException(
          "%s: bytes %d to %d can't be read: %s. Write the packed weights again with 'burhan convert"
                  .formatted(
                      file,
                      PackedFile.HEADER + from,
                      PackedFile.HEADER + from + to.byteSize(),
                      e.getMessage() == null ? e.toString() : e.getMessage())
              + " --panels MODEL', or delete them with 'burhan cache clear'; then load the model"
              + " again",
          e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void read(FileChannel open, long from, MemorySegment to) throws IOException {
    long end = from + to.byteSize();
    byte[] edge = null;
    for (long at = from; at < end; ) {
      long part = at - at % PackedFile.PART;
      long partEnd = Math.min(part + PackedFile.PART, bytes);
      if (part == at && partEnd <= end) {
        long until = Math.min(at + RUN, end == bytes ? end : end - end % PackedFile.PART);
        ByteBuffer whole = to.asSlice(at - from, until - at).asByteBuffer();
        readChecked(open, at, whole);
        at = until;
      } else { // the part is checked as a whole, and some of it taken
        edge = edge == null ? new byte[PackedFile.PART] : edge;
        readChecked(open, part, ByteBuffer.wrap(edge, 0, (int) (partEnd - part)));
        long count = Math.min(partEnd, end) - at;
        MemorySegment.copy(MemorySegment.ofArray(edge), at - part, to, at - from, count);
        at += count;
      }
    }
  }

  /** Reads whole parts and compares their sums. */
  private void readChecked(FileChannel open, long at, ByteBuffer to) throws IOException {
    PackedFile.readFully(open, PackedFile.HEADER + at, to.duplicate());
    for (int done = 0; done < to.remaining(); done += PackedFile.PART) {
      int count = Math.min(PackedFile.PART, to.remaining() - done);
      int expected = table.getInt((int) ((at + done) / PackedFile.PART) * Integer.BYTES);
      if (PackedFile.sum(to.slice(to.position() + done, count)) != expected) {
        throw new DamagedException(
            "the %d bytes from byte %d on don't fit their checksum"
                .formatted(count, PackedFile.HEADER + at + done));
      }
    }
  }

  /** Reads everything. */
  void verify() {
    byte[] run = new byte[(int) Math.min(RUN, bytes)];
    for (long at = 0; at < bytes; at += run.length) {
      int count = (int) Math.min(run.length, bytes - at);
      read(at, MemorySegment.ofArray(run).asSlice(0, count));
    }
  }

  private FileChannel channel() throws IOException {
    FileChannel known = channel;
    if (known.isOpen()) {
      return known;
    }
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException(file + " is closed");
      }
      if (!channel.isOpen()) {
        channel = FileChannel.open(file, StandardOpenOption.READ);
      }
      return channel;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
