package dev.burhan.kernel.packed;

import dev.burhan.backend.Layout;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of packed weights. {@code MODEL/LAYOUT-VERSION/WEIGHT.packed} are the weights of one
 * model (named by its content hash) in one layout; beside them {@code used}, whose time is that of
 * the last use and whose text is the model's path, and {@code lock}, held by the process that
 * writes. {@code hashes/} has what {@link ContentHash} remembers. Nothing else is ever deleted.
 *
 * <p>Where files can be deleted while somebody has them mapped (not on Windows), a running model
 * does not notice that its files went.
 */
public final class PackedFolder {
  private static final Logger LOG = LoggerFactory.getLogger(PackedFolder.class);
  private static final String PACKED = ".packed";
  private static final String USED = "used";
  private static final String LOCK = "lock";
  private static final String HASHES = "hashes";
  private static final String MODEL = "[0-9a-f]{64}";
  private static final int NAME_BYTES = 16;

  /** The room on the disk that is left to others. */
  private static final long RESERVE = 1L << 30;

  private final Path root;
  private final long mostBytes;

  /**
   * A folder, which need not exist.
   *
   * @param mostBytes what all files together may take; the least recently used models make room
   */
  public PackedFolder(Path root, long mostBytes) {
    this.root = root;
    this.mostBytes = mostBytes;
  }

  /**
   * The weights of one model in one layout.
   *
   * @param model the model's content hash
   * @param layout name and version
   * @param source the model's path when it was last used; empty if unknown
   */
  public record Entry(
      Path folder, String model, String layout, String source, long bytes, Instant used) {}

  /** Held while a folder is written to or deleted. */
  interface Lock extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  public Path root() {
    return root;
  }

  public long mostBytes() {
    return mostBytes;
  }

  ContentHash hashes() {
    return new ContentHash(root.resolve(HASHES));
  }

  /** Where a model's weights in a layout lie. */
  Path place(String model, Layout layout) {
    String name = layout.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "_");
    return root.resolve(model).resolve(name + "-" + layout.version());
  }

  /** Where a weight lies. */
  Path file(Path place, byte[] identity) {
    return place.resolve(HexFormat.of().formatHex(identity, 0, NAME_BYTES) + PACKED);
  }

  /**
   * Notes that a model's weights were used just now; a folder that can't be written is no error.
   */
  void use(Path place, String source) {
    Path used = place.resolve(USED);
    try {
      if (!Files.exists(used) || !Files.readString(used).strip().equals(source)) {
        Files.writeString(used, source + "\n");
      }
      Files.setLastModifiedTime(used, FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.debug("{} can't be written", used, e);
    }
  }

  /** All that is there, the least recently used first. */
  public List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Path model : list(root)) {
      if (model.getFileName().toString().matches(MODEL)) {
        for (Path layout : list(model)) {
          entries.add(entry(model, layout));
        }
      }
    }
    entries.sort(Comparator.comparing(Entry::used));
    return entries;
  }

  private static Entry entry(Path model, Path layout) throws IOException {
    long bytes = 0;
    for (Path file : list(layout)) {
      bytes += size(file);
    }
    Path used = layout.resolve(USED);
    String source = "";
    Instant time = Instant.EPOCH;
    try {
      source = Files.readString(used).strip();
      time = Files.getLastModifiedTime(used).toInstant();
    } catch (IOException e) {
      LOG.debug("{} can't be read", used, e);
    }
    return new Entry(
        layout,
        model.getFileName().toString(),
        layout.getFileName().toString(),
        source,
        bytes,
        time);
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of(); // another process deletes it
    }
  }

  private static long size(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0; // it went meanwhile
    }
  }

  /** The right to write to a place, if nobody has it; makes the folder. */
  Optional<Lock> lock(Path place) throws IOException {
    Files.createDirectories(place);
    FileChannel channel =
        FileChannel.open(place.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return Optional.of(channel::close);
      }
    } catch (OverlappingFileLockException e) {
      LOG.debug("another model of this process writes to {}", place);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  /** Deletes what interrupted writers left; for who holds the lock. */
  void sweep(Path place) throws IOException {
    for (Path file : list(place)) {
      if (file.toString().endsWith(PackedFile.UNFINISHED)) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * Makes room for more files of a place, by deleting others.
   *
   * @return why there is none; empty if there is
   */
  Optional<String> makeRoom(Path place, long bytes) throws IOException {
    long total = bytes;
    List<Entry> others = new ArrayList<>();
    for (Entry entry : entries()) {
      total += entry.bytes();
      if (!entry.folder().equals(place)) {
        others.add(entry);
      }
    }
    for (Entry entry : others) {
      if (total > mostBytes && delete(entry)) {
        LOG.info("{} made room for another model", entry.folder());
        total -= entry.bytes();
      }
    }
    if (total > mostBytes) {
      return Optional.of("they would take more than the limit of " + mostBytes + " bytes");
    }
    long free = Files.getFileStore(place).getUsableSpace();
    return free < bytes + RESERVE
        ? Optional.of("the disk has only " + free + " bytes left")
        : Optional.empty();
  }

  /**
   * Deletes everything but what is being written at this moment.
   *
   * @return the bytes that were freed
   */
  public long clear() throws IOException {
    long freed = 0;
    for (Entry entry : entries()) {
      if (delete(entry)) {
        freed += entry.bytes();
      }
    }
    for (Path file : list(root.resolve(HASHES))) {
      if (file.toString().endsWith(".properties")
          || file.toString().endsWith(PackedFile.UNFINISHED)) {
        Files.deleteIfExists(file);
      }
    }
    deleteIfEmpty(root.resolve(HASHES));
    return freed;
  }

  private boolean delete(Entry entry) throws IOException {
    Optional<Lock> lock = lock(entry.folder());
    if (lock.isEmpty()) {
      return false;
    }
    try (Lock _ = lock.get()) {
      sweep(entry.folder());
      for (Path file : list(entry.folder())) {
        if (file.toString().endsWith(PACKED)) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(entry.folder().resolve(USED));
      Files.deleteIfExists(entry.folder().resolve(LOCK));
    }
    deleteIfEmpty(entry.folder());
    deleteIfEmpty(entry.folder().getParent());
    return true;
  }

  private static void deleteIfEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      LOG.debug("{} stays: it is not empty", folder);
    }
  }
}
