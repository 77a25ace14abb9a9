package dev.burhan.kernel.memory;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.HostMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks from anonymous {@code mmap} on Linux and macOS, from a shared arena each elsewhere (slower
 * to give back, and counted against {@code -XX:MaxDirectMemorySize}). Mapped blocks carry no
 * lifetime check, so that kernels pay none: who gives one back early reads unmapped memory.
 * Thread-safe.
 */
public final class NativeHostMemory implements HostMemory {
  private static final Logger LOG = LoggerFactory.getLogger(NativeHostMemory.class);
  private static final int PAGE = 4096;

  private final Optional<PosixMapping> posix;
  private final Map<Long, Block> live = new ConcurrentHashMap<>(); // by address

  /** A block that was given out; {@code arena} is empty for a mapped one. */
  private record Block(MemorySegment segment, Optional<Arena> arena) {}

  public NativeHostMemory() {
    this(System.getProperty("os.name", ""));
  }

  /** As on the named system; any that is neither Linux nor macOS takes the arenas. */
  NativeHostMemory(String system) {
    this.posix = posix(system.toLowerCase(Locale.ROOT));
  }

  private static Optional<PosixMapping> posix(String system) {
    boolean mac = system.startsWith("mac");
    if (!mac && !system.startsWith("linux")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new PosixMapping(mac));
    } catch (RuntimeException | UnsatisfiedLinkError e) {
      LOG.warn(
          "mmap can't be used ({}); memory comes from arenas and is limited by"
              + " -XX:MaxDirectMemorySize. Start with --enable-native-access=ALL-UNNAMED",
          e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public MemorySegment map(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a block needs at least 1 byte, asked for " + bytes);
    }
    Block block =
        posix.isPresent() ? new Block(posix.get().map(bytes), Optional.empty()) : fromArena(bytes);
    live.put(block.segment().address(), block);
    return block.segment();
  }

  private static Block fromArena(long bytes) {
    Arena arena = Arena.ofShared();
    try {
      return new Block(arena.allocate(bytes, PAGE), Optional.of(arena));
    } catch (OutOfMemoryError | IllegalArgumentException e) {
      arena.close();
      throw noRoom(bytes, e.getMessage());
    }
  }

  @Override
  public void unmap(MemorySegment segment) {
    Block block = live.get(segment.address());
    if (block == null
        || block.segment().byteSize() != segment.byteSize()
        || !live.remove(segment.address(), block)) {
      throw new IllegalArgumentException(
          "no live block of " + segment.byteSize() + " bytes begins there");
    }
    if (block.arena().isPresent()) {
      block.arena().get().close();
    } else {
      posix.orElseThrow().unmap(block.segment());
    }
  }

  /** How many blocks are out. */
  public int liveBlocks() {
    return live.size();
  }

  /** How many bytes are out. */
  public long liveBytes() {
    return live.values().stream().mapToLong(block -> block.segment().byteSize()).sum();
  }

  static BurhanException noRoom(long bytes, String reason) {
    return new BurhanException(
        "the system has no room for "
            + bytes
            + " bytes ("
            + (bytes >> 20)
            + " MiB) of memory outside of the Java heap: "
            + reason
            + "; take a smaller model, context or number of KV pages, or free memory");
  }
}
