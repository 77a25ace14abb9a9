package dev.burhan.kernel.packed;

import dev.burhan.backend.Layout;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.kernel.packed.PackedFolder.Lock;
import dev.burhan.kernel.weights.PackedStream;
import dev.burhan.kernel.weights.WeightKey;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.HostMemory;
import dev.burhan.provider.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the packed weights of a checkpoint that nobody has loaded, in place of {@link
 * PackedCheckpoint} and where that one looks for them. Somebody waits for it, so what goes wrong is
 * an error here. What is kept already is read and checked, and written again if it is damaged.
 */
public final class PackedAhead {
  private static final Logger LOG = LoggerFactory.getLogger(PackedAhead.class);

  private final Checkpoint checkpoint;
  private final PackedFolder folder;
  private final HostMemory memory;
  private final Progress progress;
  private final InstantSource clock;
  private long done; // bytes
  private long kept; // bytes of those that were there

  /**
   * For a checkpoint that was opened just now.
   *
   * @param memory for the piece of a weight that is being packed
   */
  public PackedAhead(
      Checkpoint checkpoint, PackedFolder folder, HostMemory memory, Progress progress) {
    this(checkpoint, folder, memory, progress, InstantSource.system());
  }

  /** For tests: at any time. */
  PackedAhead(
      Checkpoint checkpoint,
      PackedFolder folder,
      HostMemory memory,
      Progress progress,
      InstantSource clock) {
    this.clock = clock;
    this.checkpoint = checkpoint;
    this.folder = folder;
    this.memory = memory;
    this.progress = progress;
  }

  /**
   * What was written.
   *
   * @param packed bytes that were packed now
   * @param kept bytes that were there
   */
  public record Written(long packed, long kept) {}

  /** A weight and what it is. */
  private record Item(PackedStream stream, byte[] identity, Path file) {}

  /**
   * Writes what is missing.
   *
   * @throws BurhanException if there is no room, or anything else is in the way
   */
  public Written write(List<PackedStream> weights) {
    try {
      String hash = hash();
      Map<Layout, List<Item>> byLayout = new LinkedHashMap<>();
      long total = 0;
      Set<WeightKey> seen = new HashSet<>();
      for (PackedStream weight : weights) {
        if (!seen.add(weight.key())) {
          continue; // a copy serves several nodes
        }
        byte[] identity = WeightIdentity.of(hash, weight.probe(), weight.key());
        Path place = folder.place(hash, weight.key().layout());
        byLayout
            .computeIfAbsent(weight.key().layout(), _ -> new ArrayList<>())
            .add(new Item(weight, identity, folder.file(place, identity)));
        total += weight.bytes();
      }
      for (Map.Entry<Layout, List<Item>> layout : byLayout.entrySet()) {
        write(folder.place(hash, layout.getKey()), layout.getValue(), total);
      }
      return new Written(total - kept, kept);
    } catch (IOException e) {
      throw new BurhanException(
          "the packed weights of "
              + checkpoint.path()
              + " can't be written to "
              + folder.root()
              + ": "
              + e,
          e);
    }
  }

  /** The checkpoint's hash as {@link PackedCheckpoint} will ask for it. */
  private String hash() throws IOException {
    long bytes = 0;
    for (Path file : checkpoint.files()) {
      waitUntilQuiet(file);
      bytes += Files.size(file);
    }
    String what = "hashing " + checkpoint.path().getFileName();
    long all = bytes;
    long[] read = {0};
    Optional<String> hash =
        PackedCheckpoint.of(checkpoint, folder, 0, clock.instant())
            .orElseThrow(this::changing)
            .contentHash(
                () -> {
                  // asked after each buffer, of which only a file's last is not full
                  read[0] = Math.min(all, read[0] + ContentHash.BUFFER);
                  progress.update(what, read[0], all);
                  return false;
                });
    progress.update(what, all, all);
    return hash.orElseThrow(this::changing);
  }

  /** A file that was made right before this command is soon old enough. */
  private void waitUntilQuiet(Path file) throws IOException {
    Instant quiet = ContentHash.State.of(file).changed().plus(ContentHash.QUIET).plusMillis(1);
    Duration wait = Duration.between(clock.instant(), quiet);
    if (wait.isPositive() && wait.compareTo(ContentHash.QUIET.multipliedBy(2)) < 0) {
      try {
        Thread.sleep(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BurhanException("interrupted while waiting for " + file + " to settle", e);
      }
    }
  }

  private BurhanException changing() {
    return new BurhanException(
        checkpoint.path() + " changes while it is read; try again when it is whole");
  }

  private void write(Path place, List<Item> items, long total) throws IOException {
    Optional<Lock> lock = folder.lock(place);
    if (lock.isEmpty()) {
      throw new BurhanException(
          "another process writes the packed weights of "
              + checkpoint.path()
              + " at this moment ("
              + place
              + "); try again when it has ended");
    }
    try (Lock _ = lock.get()) {
      folder.sweep(place);
      folder.use(place, source());
      List<Item> missing = new ArrayList<>();
      for (Item item : items) {
        if (isWhole(item)) {
          kept += item.stream().bytes();
          tell(item.stream().bytes(), total);
        } else {
          missing.add(item);
        }
      }
      long bytes = missing.stream().mapToLong(item -> item.stream().bytes()).sum();
      Optional<String> noRoom = folder.makeRoom(place, bytes);
      if (noRoom.isPresent()) {
        throw new BurhanException(
            "the packed weights of %s need %,d bytes in %s: %s. The limit is packed.gigabytes (BURHAN_PACKED_GIGABYTES), the place packed.folder (BURHAN_PACKED_FOLDER)"
                .formatted(checkpoint.path(), bytes, folder.root(), noRoom.get()));
      }
      for (Item item : missing) {
        write(item, total);
      }
    }
  }

  private String source() throws IOException {
    return checkpoint.files().getFirst().toRealPath().toString();
  }

  private static boolean isWhole(Item item) throws IOException {
    try (PackedFileReader reader =
        PackedFileReader.open(item.file(), item.identity(), item.stream().bytes())) {
      reader.verify();
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException | BurhanException e) {
      LOG.warn("{} is written again: {}", item.file(), e.getMessage());
      Files.deleteIfExists(item.file()); // whoever has it open keeps it
      return false;
    }
  }

  private void write(Item item, long total) throws IOException {
    PackedStream stream = item.stream();
    try (PackedFileWriter writer =
        new PackedFileWriter(item.file(), item.identity(), stream.bytes(), () -> false)) {
      stream.pack(
          memory,
          piece -> {
            writer.append(piece);
            tell(piece.byteSize(), total);
            return true;
          });
      writer.finish();
    }
  }

  private void tell(long bytes, long total) {
    done += bytes;
    progress.update("packing " + checkpoint.path().getFileName(), done, total);
  }
}
