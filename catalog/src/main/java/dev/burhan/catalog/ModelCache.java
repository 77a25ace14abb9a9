package dev.burhan.catalog;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One model's place in the cache: FILE itself, {@code FILE.verified} (size, time and SHA-256 of the
 * file when it was last checked, so that it is not read at each start), {@code FILE.part} (not yet
 * whole), {@code FILE.wheels} (pip's downloads), {@code FILE.lock} (held by the process that
 * downloads).
 */
final class ModelCache {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCache.class);
  private static final long LOOK_MILLIS = 200;

  private final Model model;
  private final Path file;

  ModelCache(Path cache, Model model) {
    this.model = model;
    this.file = cache.resolve(model.file());
  }

  Path file() {
    return file;
  }

  Path partial() {
    return beside(".part");
  }

  Path wheels() {
    return beside(".wheels");
  }

  private Path beside(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** The file if it is there in its full size; its content may not have been checked. */
  Optional<Path> present() {
    try {
      return Files.isRegularFile(file) && Files.size(file) == model.bytes()
          ? Optional.of(file)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The file if its content was checked, now or earlier. */
  Optional<Path> verified(Progress progress) {
    if (present().isEmpty()) {
      return Optional.empty();
    }
    try {
      if (isMarked()) {
        return Optional.of(file);
      }
      String found = Partial.sha256(file, checking(progress));
      if (found.equals(model.sha256())) {
        mark();
        return Optional.of(file);
      }
      LOG.warn(
          "{} has SHA-256 {}; expected {}: it is downloaded again", file, found, model.sha256());
      return Optional.empty();
    } catch (IOException e) {
      throw new BurhanException(file + ": can't be read: " + Problem.words(e), e);
    }
  }

  LongConsumer checking(Progress progress) {
    return done -> progress.update("checking " + model.name(), done, model.bytes());
  }

  private boolean isMarked() throws IOException {
    var marker = new Properties();
    try (Reader in = Files.newBufferedReader(beside(".verified"))) {
      marker.load(in);
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
    return marker.equals(marker());
  }

  private Properties marker() throws IOException {
    var marker = new Properties();
    marker.setProperty("sha256", model.sha256());
    marker.setProperty("bytes", Long.toString(Files.size(file)));
    marker.setProperty("modified", Files.getLastModifiedTime(file).toString());
    return marker;
  }

  /** Without it the file is checked at each start; a cache that can't be written is no error. */
  void mark() {
    Path written = beside(".verified.new");
    try {
      try (Writer out = Files.newBufferedWriter(written)) {
        marker().store(out, "checked by burhan");
      }
      Files.move(
          written,
          beside(".verified"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.info(
          "{} can't be written ({}): the model is checked again at the next start",
          beside(".verified"),
          Problem.words(e));
    }
  }

  void createFolder() {
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw Problem.local(file.getParent(), e);
    }
  }

  /** Refuses before the download what can't end well. */
  void requireRoom(long needed) {
    try {
      FileStore disk = Files.getFileStore(file.getParent());
      if (disk.getUsableSpace() < needed) {
        throw new BurhanException(
            file.getParent()
                + ": "
                + model.name()
                + " needs "
                + megabytes(needed)
                + " more, but the disk has room for "
                + megabytes(disk.getUsableSpace())
                + "; free some, or set BURHAN_CACHE to a folder on another disk");
      }
    } catch (IOException e) {
      LOG.debug("the room on the disk of {} is not known", file, e);
    }
  }

  private static String megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000 + " MB";
  }

  /** The right to download; waits while another process, or another thread of this one, has it. */
  AutoCloseableLock lock(Progress progress) {
    Path path = beside(".lock");
    try {
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        while (!tryLock(channel)) {
          progress.update("waiting for another download of " + model.name(), 0, 0);
          Thread.sleep(LOOK_MILLIS);
        }
        return channel::close;
      } catch (InterruptedException e) {
        channel.close();
        Thread.currentThread().interrupt();
        throw new BurhanException(
            "waiting for another download of " + model.name() + " was interrupted", e);
      }
    } catch (IOException e) {
      throw Problem.local(path, e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // a thread of this process has it
    }
  }

  /** Held until closed. */
  interface AutoCloseableLock extends AutoCloseable {
    @Override
    void close() throws IOException;
  }
}
