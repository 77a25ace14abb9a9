package dev.burhan.kernel.packed;

import dev.burhan.backend.Layout;
import dev.burhan.backend.Resident;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.kernel.packed.PackedFolder.Lock;
import dev.burhan.kernel.threads.Uninterruptible;
import dev.burhan.kernel.weights.PackedWeights;
import dev.burhan.kernel.weights.WeightKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packed weights of one open checkpoint on disk. What was found missing while the model was
 * loaded is written by one thread in the background, weight by weight, once {@link #begin} is
 * called: loading does not wait for the disk, and a process that ends early leaves whole weights
 * behind, from which the next one goes on. Nothing that goes wrong here is an error: weights are
 * packed again then.
 */
public final class PackedCheckpoint implements PackedWeights {
  private static final Logger LOG = LoggerFactory.getLogger(PackedCheckpoint.class);

  /** Packing less than this takes no time worth a file. */
  private static final long LEAST_BYTES = 16 << 20;

  private final Path path;
  private final PackedFolder folder;
  private final long leastBytes;
  private final List<ContentHash.State> files;
  private final Optional<String> model; // the content hash, where it was known at the start
  private final Set<Path> found = new LinkedHashSet<>(); // guarded by this
  private final List<Item> missing = new ArrayList<>(); // guarded by this
  private Thread writer; // guarded by this
  private volatile boolean stopped;

  private record Item(WeightKey key, String packer, long bytes, Supplier<Optional<Resident>> hold) {
    byte[] identity(String model) {
      return WeightIdentity.of(model, packer, key);
    }
  }

  private PackedCheckpoint(
      Path path, PackedFolder folder, long leastBytes, List<ContentHash.State> files) {
    this.path = path;
    this.folder = folder;
    this.leastBytes = leastBytes;
    this.files = files;
    this.model = remembered();
  }

  /** For a checkpoint that was opened just now. */
  public static Optional<PackedCheckpoint> of(Checkpoint checkpoint, PackedFolder folder) {
    return of(checkpoint, folder, LEAST_BYTES, Instant.now());
  }

  /** For tests: also for small models, at any time. */
  static Optional<PackedCheckpoint> of(
      Checkpoint checkpoint, PackedFolder folder, long leastBytes, Instant now) {
    try {
      List<ContentHash.State> files = new ArrayList<>();
      for (Path file : checkpoint.files()) {
        ContentHash.State state = ContentHash.State.of(file);
        if (!state.isQuiet(now)) {
          LOG.info("{} changed just now: its packed weights are not kept this time", file);
          return Optional.empty();
        }
        files.add(state);
      }
      return files.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new PackedCheckpoint(
                  files.getFirst().file(), folder, leastBytes, List.copyOf(files)));
    } catch (IOException e) {
      LOG.debug("{} has no files that weights could be kept for", checkpoint.path(), e);
      return Optional.empty();
    }
  }

  /**
   * The checkpoint's content hash; reads its files where that was not done before.
   *
   * @return empty if a file changes meanwhile
   */
  public Optional<String> contentHash() throws IOException {
    return contentHash(() -> stopped);
  }

  /**
   * The same.
   *
   * @param stopped asked after each {@link ContentHash#BUFFER} that was read
   */
  Optional<String> contentHash(BooleanSupplier stopped) throws IOException {
    return model.isPresent() ? model : computed(stopped);
  }

  private Optional<String> remembered() {
    List<String> hashes = new ArrayList<>();
    for (ContentHash.State file : files) {
      folder.hashes().remembered(file).ifPresent(hashes::add);
    }
    return hashes.size() == files.size() ? Optional.of(together(hashes)) : Optional.empty();
  }

  /** One file's hash is the model's; several are hashed together. */
  private static String together(List<String> hashes) {
    if (hashes.size() == 1) {
      return hashes.getFirst();
    }
    MessageDigest digest = ContentHash.digest();
    hashes.forEach(hash -> digest.update(hash.getBytes(StandardCharsets.US_ASCII)));
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public Optional<Found> find(WeightKey key, Supplier<String> packer, long bytes) {
    return opened(key, packer, bytes, PackedFile::open)
        .map(mapped -> new Found(mapped.segment(), mapped::close));
  }

  @Override
  public Optional<Kept> open(WeightKey key, Supplier<String> packer, long bytes) {
    return opened(key, packer, bytes, PackedFileReader::open).map(reader -> reader);
  }

  @FunctionalInterface
  private interface Opener<T> {
    T open(Path file, byte[] identity, long bytes) throws IOException;
  }

  private <T> Optional<T> opened(
      WeightKey key, Supplier<String> packer, long bytes, Opener<T> opener) {
    if (model.isEmpty()) {
      return Optional.empty();
    }
    byte[] identity = WeightIdentity.of(model.get(), packer.get(), key);
    Path place = folder.place(model.get(), key.layout());
    Path file = folder.file(place, identity);
    try {
      T open = opener.open(file, identity, bytes);
      synchronized (this) {
        found.add(place);
      }
      return Optional.of(open);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("{} can't be used: {}; the weight is packed again", file, e.toString());
      return Optional.empty();
    }
  }

  @Override
  public void keep(
      WeightKey key, Supplier<String> packer, long bytes, Supplier<Optional<Resident>> hold) {
    Item item = new Item(key, packer.get(), bytes, hold);
    synchronized (this) {
      missing.add(item);
    }
  }

  /** Called when a program was loaded: what was missing is written from now on. */
  public synchronized void begin() {
    found.forEach(place -> folder.use(place, path.toString()));
    long bytes = missing.stream().mapToLong(Item::bytes).sum();
    if (stopped || bytes == 0 || writer != null && writer.isAlive()) {
      return;
    }
    if (bytes < leastBytes && found.isEmpty()) {
      missing.clear();
      return;
    }
    writer = Thread.ofPlatform().daemon().name("burhan-packed").start(this::write);
  }

  private void write() {
    try {
      Optional<String> hash = contentHash();
      for (List<Item> items = take(); hash.isPresent() && !items.isEmpty(); items = take()) {
        Map<Layout, List<Item>> byLayout = new LinkedHashMap<>();
        for (Item item : items) {
          byLayout.computeIfAbsent(item.key().layout(), _ -> new ArrayList<>()).add(item);
        }
        for (Map.Entry<Layout, List<Item>> entry : byLayout.entrySet()) {
          write(hash.get(), entry.getKey(), entry.getValue());
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "the packed weights of {} can't be kept in {}: {}; they are packed again at the next"
              + " start. Set packed.cache to false if this is to be so",
          path,
          folder.root(),
          e.toString());
    }
  }

  private synchronized List<Item> take() {
    List<Item> items = List.copyOf(missing);
    missing.clear();
    return items;
  }

  private Optional<String> computed(BooleanSupplier stopped) throws IOException {
    List<String> hashes = new ArrayList<>();
    ContentHash hash = folder.hashes();
    for (ContentHash.State file : files) {
      Optional<String> known = hash.remembered(file);
      if (known.isEmpty()) {
        known = hash.compute(file, stopped);
      }
      known.ifPresent(hashes::add);
      if (known.isEmpty()) {
        LOG.debug("{} was not hashed: it changed meanwhile, or the model was closed", file.file());
        return Optional.empty();
      }
    }
    return Optional.of(together(hashes));
  }

  private void write(String hash, Layout layout, List<Item> items) throws IOException {
    Path place = folder.place(hash, layout);
    Optional<Lock> lock = folder.lock(place);
    if (lock.isEmpty()) {
      LOG.debug("{} is written by somebody else", place);
      return;
    }
    try (Lock _ = lock.get()) {
      folder.sweep(place);
      List<Item> absent =
          items.stream()
              .filter(
                  item -> {
                    byte[] identity = item.identity(hash);
                    Path file = folder.file(place, identity);
                    // known at the start and yet not found: it is damaged, whatever its header says
                    return model.isPresent() || !PackedFile.isPresent(file, identity, item.bytes());
                  })
              .toList();
      long bytes = absent.stream().mapToLong(Item::bytes).sum();
      Optional<String> noRoom = folder.makeRoom(place, bytes);
      if (noRoom.isPresent()) {
        LOG.warn("the packed weights of {} are not kept: {}", path, noRoom.get());
        return;
      }
      folder.use(place, path.toString());
      for (Item item : absent) {
        if (stopped || !write(place, item.identity(hash), item)) {
          return;
        }
      }
    }
  }

  /** False if it was stopped. A weight that nobody uses any more is left out. */
  private boolean write(Path place, byte[] identity, Item item) throws IOException {
    Optional<Resident> hold = item.hold().get();
    if (hold.isEmpty()) {
      return true;
    }
    try (Resident held = hold.get()) {
      return PackedFile.write(
          folder.file(place, identity), identity, held.segment(), () -> stopped);
    }
  }

  /** Waits until what was missing is written. */
  public void settle() throws InterruptedException {
    Thread running;
    synchronized (this) {
      running = writer;
    }
    if (running != null) {
      running.join();
    }
  }

  @Override
  public void close() {
    stopped = true;
    Uninterruptible.await(this::settle); // holds must be back before memory goes
  }
}
