package dev.burhan.checkpoint.file;

import dev.burhan.checkpoint.CheckpointException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that tensors are read from: by position, or mapped as a whole on first demand.
 * Thread-safe.
 *
 * <p>Headers are read by position and never through the mapping, so that a file that shrinks
 * meanwhile is an error and not a signal. A thread's interrupt closes a {@link FileChannel} for all
 * threads; reads here are not disturbed by it: the channel is opened again and the thread stays
 * interrupted.
 */
public final class ModelFile implements AutoCloseable {
  private static final int LARGEST_READ = 1 << 30;
  private static final int LARGEST_HEAP_READ =
      1 << 20; // beyond it the JDK keeps a direct buffer of that size a thread

  private final Path path;
  private final long size;
  private volatile FileChannel channel;
  private volatile boolean closed;
  private volatile MemorySegment mapping;
  private Arena arena; // with the mapping only: closing a shared one interrupts all threads

  private ModelFile(Path path) throws IOException {
    this.path = path;
    this.channel = FileChannel.open(path, StandardOpenOption.READ);
    this.size = channel.size();
  }

  /**
   * Opens a regular file, or what a symbolic link leads to.
   *
   * @throws CheckpointException if it is not there, not readable, or no regular file
   */
  public static ModelFile open(Path path) {
    requireRegular(path);
    try {
      return new ModelFile(path);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /**
   * Refuses what would block or never end (pipes, devices), and says what is there instead of a
   * file.
   */
  public static void requireRegular(Path path) {
    if (Files.isRegularFile(path)) {
      return;
    }
    if (Files.isDirectory(path)) {
      throw new CheckpointException(path + ": expected a file, found a folder");
    }
    if (Files.isSymbolicLink(path) && !Files.exists(path)) {
      throw new CheckpointException(
          path + ": the symbolic link leads nowhere; download the file again");
    }
    if (Files.exists(path)) {
      throw new CheckpointException(
          path + ": expected a regular file, found a device, pipe or socket");
    }
    Path parent = path.toAbsolutePath().getParent();
    boolean shut = parent != null && Files.isDirectory(parent) && !Files.isExecutable(parent);
    throw new CheckpointException(
        path
            + (shut
                ? ": no permission to look into the folder " + parent
                : ": there is no such file"));
  }

  /** One line for an error of the file system. */
  public static CheckpointException unreadable(Path path, IOException e) {
    String why =
        switch (e) {
          case NoSuchFileException _ -> "there is no such file";
          case AccessDeniedException _ -> "no permission to read it";
          default ->
              "can't be read: "
                  + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        };
    return new CheckpointException(path + ": " + why, e);
  }

  public Path path() {
    return path;
  }

  /** Bytes that it had when it was opened. */
  public long size() {
    return size;
  }

  /**
   * Fills the buffer.
   *
   * @throws CheckpointException if the file does not have these bytes (any more)
   */
  public void read(long position, ByteBuffer to) {
    boolean interrupted = Thread.interrupted();
    try {
      long at = position;
      while (to.hasRemaining()) {
        try {
          int count = channel().read(to, at);
          if (count < 0) {
            throw shrunk(position, at, at + to.remaining());
          }
          at += count;
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted(); // ours or another thread's; channel() opens it again
        }
      }
    } catch (IOException e) {
      throw unreadable(path, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Fills the segment, native or on the heap, of any size. */
  public void read(long position, MemorySegment to) {
    boolean heap = !to.isNative();
    boolean copied = heap && !(to.heapBase().orElse(null) instanceof byte[]);
    int step = heap ? LARGEST_HEAP_READ : LARGEST_READ;
    byte[] through = copied ? new byte[(int) Math.min(step, to.byteSize())] : new byte[0];
    for (long done = 0; done < to.byteSize(); ) {
      long count = Math.min(step, to.byteSize() - done);
      MemorySegment part = to.asSlice(done, count);
      if (copied) {
        read(position + done, ByteBuffer.wrap(through, 0, (int) count));
        MemorySegment.copy(MemorySegment.ofArray(through), 0, part, 0, count);
      } else {
        read(position + done, part.asByteBuffer());
      }
      done += count;
    }
  }

  /** The whole file, read-only, valid until {@link #close()}. */
  MemorySegment mapped() {
    MemorySegment known = mapping;
    if (known != null) {
      return known;
    }
    synchronized (this) {
      requireOpen();
      if (mapping == null) {
        mapping = map();
      }
      return mapping;
    }
  }

  private MemorySegment map() {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          FileChannel open = channel();
          if (open.size() < size) {
            throw shrunk(0, open.size(), size);
          }
          if (arena == null) {
            arena = Arena.ofShared();
          }
          return open.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } catch (IOException e) {
      throw new CheckpointException(
          path + ": " + size + " bytes can't be mapped into memory: " + e.getMessage(), e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private FileChannel channel() throws IOException {
    FileChannel known = channel;
    if (known.isOpen()) {
      return known;
    }
    synchronized (this) {
      requireOpen();
      if (!channel.isOpen()) {
        channel = FileChannel.open(path, StandardOpenOption.READ);
      }
      return channel;
    }
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException(path + " is closed");
    }
  }

  private CheckpointException shrunk(long from, long at, long end) {
    return new CheckpointException(
        path
            + ": the file ended at byte "
            + at
            + " while bytes "
            + from
            + " to "
            + end
            + " were read;"
            + " it had "
            + size
            + " bytes when it was opened. Was it being written or replaced?");
  }

  /** Unmaps and closes; idempotent. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    try {
      if (arena != null) {
        arena.close();
      }
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          path + " can't be closed: its mapping is in use at this moment", e);
    }
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }
}
