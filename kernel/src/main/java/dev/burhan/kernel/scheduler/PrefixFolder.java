package dev.burhan.kernel.scheduler;

import dev.burhan.backend.KvPages;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pages of prompts in files, one each, named by the page's key: a header (magic, version, key,
 * SHA-256 of the rest), then the page of each cache in canonical form. A file is written beside its
 * place and moved there, and used only if it is whole.
 */
public final class PrefixFolder implements PageStore {
  private static final Logger LOG = LoggerFactory.getLogger(PrefixFolder.class);

  private static final int MAGIC = 0x42505831; // "BPX1"
  private static final int HASH = 32;
  private static final int HEADER = Integer.BYTES + 2 * HASH;
  private static final String SUFFIX = ".kv";

  private final Path folder;
  private final KvPages pages;
  private final int caches;
  private final long content; // bytes of one page
  private final long most; // bytes of all files
  private final PrefixKeys model;
  private long written;

  /**
   * Keeps pages of one program.
   *
   * @param folder made if it is not there
   * @param most bytes of all files together; the least recently used make room
   * @param identity what the pages' bits depend on beside their keys: the checkpoint's content hash
   * @param caches how many the program has
   */
  public PrefixFolder(Path folder, long most, String identity, KvPages pages, int caches) {
    this.folder = folder;
    this.most = most;
    this.pages = pages;
    this.caches = caches;
    this.model = new PrefixKeys(List.of(identity));
    long bytes = 0;
    for (int cache = 0; cache < caches; cache++) {
      bytes = Math.addExact(bytes, pages.canonicalBytes(cache));
    }
    content = bytes;
  }

  private Path place(PageKey key) {
    PageKey name = model.with(key);
    return folder.resolve(
        "%016x%016x%016x%016x".formatted(name.a(), name.b(), name.c(), name.d()) + SUFFIX);
  }

  @Override
  public boolean has(PageKey key) {
    return Files.exists(place(key));
  }

  @Override
  public boolean load(PageKey key, int page) {
    Path file = place(key);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      if (channel.size() != HEADER + content) {
        return refuse(file, "it is %d bytes long".formatted(channel.size()));
      }
      MemorySegment bytes = arena.allocate(HEADER + content, Float.BYTES);
      ByteBuffer buffer = bytes.asByteBuffer();
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          return refuse(file, "it shrank");
        }
      }
      MemorySegment body = bytes.asSlice(HEADER);
      if (!Arrays.equals(
          header(key, body), bytes.asSlice(0, HEADER).toArray(ValueLayout.JAVA_BYTE))) {
        return refuse(file, "its content is not what was written");
      }
      long at = 0;
      for (int cache = 0; cache < caches; cache++) {
        long size = pages.canonicalBytes(cache);
        pages.load(page, cache, body.asSlice(at, size));
        at += size;
      }
      Files.setLastModifiedTime(file, FileTime.from(Instant.now())); // it was used
      return true;
    } catch (NoSuchFileException e) {
      return false; // another process made room
    } catch (IOException e) {
      return refuse(file, e.toString());
    }
  }

  private static boolean refuse(Path file, String why) {
    LOG.warn("a page of a prompt is computed again, {} can't be used: {}", file, why);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.debug("{} stays", file, e);
    }
    return false;
  }

  private byte[] header(PageKey key, MemorySegment body) {
    MessageDigest digest = PrefixKeys.sha256();
    digest.update(body.asByteBuffer());
    PageKey name = model.with(key);
    return ByteBuffer.allocate(HEADER)
        .putInt(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? MAGIC : ~MAGIC)
        .putLong(name.a())
        .putLong(name.b())
        .putLong(name.c())
        .putLong(name.d())
        .put(digest.digest())
        .array();
  }

  @Override
  public boolean save(PageKey key, int page) {
    Path file = place(key);
    if (Files.exists(file)) {
      return true;
    }
    if (written + HEADER + content > most) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      makeFolder();
      MemorySegment body = arena.allocate(content, Float.BYTES);
      long at = 0;
      for (int cache = 0; cache < caches; cache++) {
        long size = pages.canonicalBytes(cache);
        pages.save(page, cache, body.asSlice(at, size));
        at += size;
      }
      makeRoom();
      write(file, header(key, body), body);
      written += HEADER + content;
      return true;
    } catch (IOException e) {
      LOG.warn("prompts are not kept in {}: {}", folder, e.toString());
      return false;
    }
  }

  /** What prompts said can be told from their pages: a folder that is made is its owner's alone. */
  private void makeFolder() throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(folder);
    }
  }

  private void write(Path file, byte[] header, MemorySegment body) throws IOException {
    Path part = Files.createTempFile(folder, "page", ".part");
    try {
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        ByteBuffer[] parts = {ByteBuffer.wrap(header), body.asByteBuffer()};
        while (parts[1].hasRemaining()) {
          channel.write(parts);
        }
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Deletes what was not used for the longest time until another page fits. */
  private void makeRoom() throws IOException {
    record Kept(Path file, long size, FileTime used) {}
    List<Kept> kept = new ArrayList<>();
    long total = HEADER + content;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().endsWith(SUFFIX)) {
          try {
            kept.add(new Kept(file, Files.size(file), Files.getLastModifiedTime(file)));
            total += kept.getLast().size();
          } catch (NoSuchFileException e) {
            LOG.debug("{} went meanwhile", file);
          }
        }
      }
    }
    kept.sort(Comparator.comparing(Kept::used));
    for (Kept oldest : kept) {
      if (total <= most) {
        return;
      }
      Files.deleteIfExists(oldest.file());
      total -= oldest.size();
    }
  }
}
