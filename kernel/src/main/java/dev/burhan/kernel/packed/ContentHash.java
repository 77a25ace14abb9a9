package dev.burhan.kernel.packed;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/**
 * SHA-256 of whole files, remembered by path, size, times and inode so that a file is read once and
 * not at each start.
 */
final class ContentHash {
  /**
   * A file that changed so short a time ago is not remembered: it could change again within one
   * tick of its clock, or have been put there after it was opened.
   */
  static final Duration QUIET = Duration.ofSeconds(2);

  /** So much is read at once. */
  static final int BUFFER = 1 << 18;

  private static final String SHA256 = "sha256";

  private final Path folder;

  /** Remembers in files of this folder, which need not exist. */
  ContentHash(Path folder) {
    this.folder = folder;
  }

  /** A file as it was at one moment: what changes when its content does. */
  record State(Path file, Map<String, String> facts, Instant changed) {
    static State of(Path path) throws IOException {
      Path file = path.toRealPath();
      try {
        Map<String, Object> unix =
            Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,ino,dev");
        FileTime modified = (FileTime) unix.get("lastModifiedTime");
        FileTime changed = (FileTime) unix.get("ctime"); // also set by a rename; none can fake it
        return new State(
            file,
            Map.of(
                "file", file.toString(),
                "size", unix.get("size").toString(),
                "modified", modified.toString(),
                "changed", changed.toString(),
                "inode", unix.get("dev") + " " + unix.get("ino")),
            later(modified, changed));
      } catch (UnsupportedOperationException | IllegalArgumentException e) { // no Unix
        BasicFileAttributes basic = Files.readAttributes(file, BasicFileAttributes.class);
        return new State(
            file,
            Map.of(
                "file", file.toString(),
                "size", Long.toString(basic.size()),
                "modified", basic.lastModifiedTime().toString(),
                "created", basic.creationTime().toString(),
                "inode", String.valueOf(basic.fileKey())),
            later(basic.lastModifiedTime(), basic.creationTime()));
      }
    }

    private static Instant later(FileTime a, FileTime b) {
      return (a.compareTo(b) > 0 ? a : b).toInstant();
    }

    /** Whether it had been left alone for a while at that moment. */
    boolean isQuiet(Instant now) {
      return changed.isBefore(now.minus(QUIET));
    }
  }

  /** The hash of a file in this state, if it is known. */
  Optional<String> remembered(State state) {
    Properties known = new Properties();
    try (Reader in = Files.newBufferedReader(place(state))) {
      known.load(in);
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
    String hash = (String) known.remove(SHA256);
    return hash != null && hash.matches("[0-9a-f]{64}") && known.equals(state.facts())
        ? Optional.of(hash)
        : Optional.empty();
  }

  /**
   * Reads the file and remembers its hash.
   *
   * @param stopped asked after each {@link #BUFFER}
   * @return empty if it was stopped, or the file is not in that state (any more)
   */
  Optional<String> compute(State state, BooleanSupplier stopped) throws IOException {
    Optional<String> hash = read(state, stopped);
    if (hash.isPresent()) {
      remember(state, hash.get());
    }
    return hash;
  }

  /** The same without remembering it. */
  static Optional<String> read(State state, BooleanSupplier stopped) throws IOException {
    MessageDigest digest = digest();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = new DigestInputStream(Files.newInputStream(state.file()), digest)) {
      while (in.read(buffer) >= 0) {
        if (stopped.getAsBoolean()) {
          return Optional.empty();
        }
      }
    }
    return State.of(state.file()).equals(state)
        ? Optional.of(HexFormat.of().formatHex(digest.digest()))
        : Optional.empty();
  }

  private void remember(State state, String hash) throws IOException {
    Properties known = new Properties();
    known.putAll(state.facts());
    known.setProperty(SHA256, hash);
    Files.createDirectories(folder);
    Path place = place(state);
    Path written =
        place.resolveSibling(
            place.getFileName()
                + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong())
                + PackedFile.UNFINISHED);
    try {
      try (Writer out = Files.newBufferedWriter(written)) {
        known.store(out, "content hash, made by burhan");
      }
      Files.move(
          written, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  /** Where a file's hash is remembered: one place a path. */
  private Path place(State state) {
    byte[] path = state.file().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return folder.resolve(HexFormat.of().formatHex(digest().digest(path), 0, 16) + ".properties");
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
