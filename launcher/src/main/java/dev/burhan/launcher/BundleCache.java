package dev.burhan.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The folder in which Felix keeps its state during one run, below the user's Burhan cache.
 *
 * <p>Every run has its own, so that two at once do not meet and none finds what another version or
 * another set of bundles left. A run holds a lock beside its folder; what is found unlocked belongs
 * to a run that was killed, and is removed.
 */
final class BundleCache implements AutoCloseable {
  private static final String LOCK = ".lock";

  private final Path folder;
  private final Path lockFile;
  private final FileChannel channel;

  private BundleCache(Path folder, Path lockFile, FileChannel channel) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.channel = channel;
  }

  static BundleCache open() {
    return open(root());
  }

  static BundleCache open(Path root) {
    try {
      Files.createDirectories(root);
      removeOrphans(root);
      while (true) {
        String name = UUID.randomUUID().toString();
        Path lockFile = root.resolve(name + LOCK);
        FileChannel channel = lock(lockFile);
        // Between its creation and its lock another run could take the file for an orphan.
        if (Files.exists(lockFile)) {
          return new BundleCache(Files.createDirectory(root.resolve(name)), lockFile, channel);
        }
        channel.close();
      }
    } catch (IOException e) {
      throw new LaunchException(
          "cannot write Felix's bundle cache in %s (%s); BURHAN_CACHE=FOLDER names another place"
              .formatted(root, e),
          e);
    }
  }

  /** {@code $BURHAN_CACHE} or {@code ~/.cache/burhan}, as for models, and there {@code osgi}. */
  private static Path root() {
    String given = System.getenv("BURHAN_CACHE");
    Path cache =
        given != null && !given.isBlank()
            ? Path.of(given)
            : Path.of(System.getProperty("user.home"), ".cache", "burhan");
    return cache.resolve("osgi").toAbsolutePath();
  }

  Path folder() {
    return folder;
  }

  @Override
  public void close() {
    try {
      delete(folder);
      channel.close();
      Files.deleteIfExists(lockFile);
    } catch (IOException e) {
      // The next run removes it: the lock ends with this process.
    }
  }

  private static FileChannel lock(Path lockFile) throws IOException {
    FileChannel channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.lock();
    return channel;
  }

  private static void removeOrphans(Path root) throws IOException {
    for (Path lockFile : list(root)) {
      if (!lockFile.toString().endsWith(LOCK)) {
        continue;
      }
      String name = lockFile.getFileName().toString();
      try (var channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        if (lock != null) {
          delete(root.resolve(name.substring(0, name.length() - LOCK.length())));
          Files.deleteIfExists(lockFile);
        }
      } catch (IOException | java.nio.channels.OverlappingFileLockException e) {
        // Another run is removing it, or it is ours within one process.
      }
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
