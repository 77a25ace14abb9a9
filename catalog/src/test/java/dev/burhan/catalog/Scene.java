package dev.burhan.catalog;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A catalogue of one model, {@code tiny}, in a cache of its own. */
final class Scene {
  static final String NAME = "tiny";
  static final byte[] CONTENT = new byte[1_000_000];

  static {
    new Random(1).nextBytes(CONTENT);
  }

  private final Path folder;
  private URI hub = URI.create("http://127.0.0.1:9");
  private long bytes = CONTENT.length;
  private String sources = "tiny.source.1 = hub owner/repository main file.gguf\n";
  private List<List<String>> pip = List.of(List.of("no-such-pip"));
  private Optional<String> token = Optional.empty();
  private boolean offline;
  private Duration stallTimeout = Duration.ofSeconds(20);

  Scene(Path folder) {
    this.folder = folder;
  }

  Scene hub(URI address) {
    hub = address;
    return this;
  }

  Scene bytes(long size) {
    bytes = size;
    return this;
  }

  Scene sources(String... lines) {
    var text = new StringBuilder();
    for (int i = 0; i < lines.length; i++) {
      text.append("tiny.source.").append(i + 1).append(" = ").append(lines[i]).append('\n');
    }
    sources = text.toString();
    return this;
  }

  Scene pip(List<List<String>> commands) {
    pip = commands;
    return this;
  }

  Scene token(String text) {
    token = Optional.of(text);
    return this;
  }

  Scene stallTimeout(Duration timeout) {
    stallTimeout = timeout;
    return this;
  }

  Scene offline() {
    offline = true;
    return this;
  }

  Path cache() {
    return folder.resolve("cache");
  }

  Path file() {
    return cache().resolve("models/tiny/tiny.gguf");
  }

  Path beside(String suffix) {
    return cache().resolve("models/tiny/tiny.gguf" + suffix);
  }

  /** Puts bytes into the cache beforehand. */
  void lay(String suffix, byte[] content) throws IOException {
    Files.createDirectories(file().getParent());
    Files.write(beside(suffix), content);
  }

  Settings settings() {
    return new Settings(
        cache(),
        Optional.of(definition()),
        hub,
        token,
        offline,
        pip,
        Duration.ofSeconds(20),
        stallTimeout,
        3,
        Duration.ofMillis(1));
  }

  Path definition() {
    Path file = folder.resolve("catalogue.properties");
    try {
      String sha256 =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT));
      return Files.writeString(
          file,
          """
          models = tiny
          tiny.title = Tiny
          tiny.licence = MIT
          tiny.file = models/tiny/tiny.gguf
          tiny.bytes = %d
          tiny.sha256 = %s
          """
                  .formatted(bytes, sha256)
              + sources);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  Catalogue catalogue() {
    Settings settings = settings();
    return new Catalogue(() -> settings);
  }
}
