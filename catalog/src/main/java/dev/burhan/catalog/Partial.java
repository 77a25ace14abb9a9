package dev.burhan.catalog;

import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/**
 * A file that is being put together beside its final place, kept when a source fails so that the
 * next try goes on from there. Errors of the disk are {@link BurhanException}s and never the
 * source's fault.
 */
final class Partial implements AutoCloseable {
  private static final int STEP = 1 << 18;

  private final Path path;
  private final FileChannel channel;
  private final byte[] buffer = new byte[STEP];
  private long size;

  Partial(Path path) {
    this.path = path;
    try {
      this.channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      this.size = channel.size();
      channel.position(size);
    } catch (IOException e) {
      throw Problem.local(path, e);
    }
  }

  long size() {
    return size;
  }

  void clear() {
    try {
      channel.truncate(0);
      channel.position(0);
      size = 0;
    } catch (IOException e) {
      throw Problem.local(path, e);
    }
  }

  /**
   * Appends all that comes.
   *
   * @param limit a size that the file must not exceed
   * @param progress told the file's size now and then
   * @throws IOException if the stream fails
   * @throws Problem if more comes than the limit allows
   */
  void append(InputStream in, long limit, LongConsumer progress) throws IOException, Problem {
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      if (count > limit - size) {
        throw new Problem("it sends more than the " + limit + " bytes that were expected");
      }
      write(count);
      progress.accept(size);
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new BurhanException(
            "the download was interrupted; the next try goes on from byte " + size);
      }
    }
  }

  private void write(int count) {
    try {
      for (var bytes = ByteBuffer.wrap(buffer, 0, count); bytes.hasRemaining(); ) {
        size += channel.write(bytes);
      }
    } catch (IOException e) {
      throw Problem.local(path, e);
    }
  }

  /** The SHA-256 of the whole, in lower case hexadecimal. */
  String sha256(LongConsumer progress) {
    try {
      channel.force(true); // so that the name never stands for bytes that a power cut takes back
      return sha256(path, progress);
    } catch (IOException e) {
      throw Problem.local(path, e);
    }
  }

  static String sha256(Path path, LongConsumer progress) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] bytes = new byte[1 << 20];
      long done = 0;
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        digest.update(bytes, 0, count);
        done += count;
        progress.accept(done);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Closes it and gives it its final name at one stroke. */
  void moveTo(Path target) {
    close();
    try {
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw Problem.local(target, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw Problem.local(path, e);
    }
  }
}
