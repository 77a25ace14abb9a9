package dev.burhan.kernel.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.command.Command;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.engine.ScriptedModel;
import dev.burhan.kernel.packed.PackedFolder;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Settings;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheCommandTest {
  private static final String HASH = "0123456789abcdef".repeat(4);

  @TempDir private Path temporary;
  private final Map<String, String> environment = new HashMap<>();
  private final RecordedIo io = new RecordedIo();

  /** A catalogue without models, but with a folder. */
  private record Folder(Path path) implements ModelCatalog {
    @Override
    public String name() {
      return "test";
    }

    @Override
    public List<Entry> entries() {
      return List.of();
    }

    @Override
    public Path fetch(String name, Progress progress) {
      throw new AssertionError();
    }

    @Override
    public Optional<Path> folder() {
      return Optional.of(path);
    }
  }

  private Host host() {
    return new ScriptedModel(temporary.resolve("model"), "a", "b")
        .host(
            new Settings(name -> null, environment::get, Optional.empty()),
            new Folder(temporary),
            new EngineConfiguration());
  }

  private int run(String... words) {
    return new CacheCommand().run(RecordedIo.arguments(words), io, host());
  }

  private Path keep() throws IOException {
    Path layout = temporary.resolve("packed").resolve(HASH).resolve("panels-1");
    Files.createDirectories(layout);
    Files.write(layout.resolve("00ff.packed"), new byte[1500]);
    Files.writeString(layout.resolve("used"), "/models/m.gguf\n");
    return layout;
  }

  @Test
  void whatIsKeptIsListedWithItsModel() throws IOException {
    keep();
    assertEquals(Command.DONE, run());
    assertTrue(io.output().contains("/models/m.gguf"), io.output());
    assertTrue(io.output().contains("1.5 kB"), io.output());
    assertTrue(io.output().contains("of at most 64.0 GB in " + temporary), io.output());
  }

  @Test
  void theListIsToldInJson() throws IOException {
    keep();
    run("list", "--json");
    assertEquals(1, io.json().size());
    assertEquals(HASH, io.json().get(0).get("sha256").asText());
    assertEquals("panels-1", io.json().get(0).get("layout").asText());
    assertEquals(1515, io.json().get(0).get("bytes").asInt());
  }

  @Test
  void clearingFreesIt() throws IOException {
    Path layout = keep();
    run("clear");
    assertTrue(io.output().startsWith("1.5 kB freed"), io.output());
    assertFalse(Files.exists(layout));
  }

  @Test
  void anEmptyFolderIsNoError() {
    assertEquals(Command.DONE, run());
    assertEquals(Command.DONE, run("clear"));
  }

  @Test
  void otherWordsAreWrongUsage() {
    assertThrows(UsageException.class, () -> run("purge"));
    assertThrows(UsageException.class, () -> run("clear", "all"));
  }

  @Test
  void theFolderAndTheLimitCanBeConfigured() {
    environment.put("BURHAN_PACKED_FOLDER", temporary.resolve("elsewhere").toString());
    environment.put("BURHAN_PACKED_GIGABYTES", "3");
    PackedFolder folder = EngineConfiguration.packedFolder(host()).orElseThrow();
    assertEquals(temporary.resolve("elsewhere"), folder.root());
    assertEquals(3_000_000_000L, folder.mostBytes());
  }

  @Test
  void switchedOffThereIsNothingToList() {
    environment.put("BURHAN_PACKED_CACHE", "false");
    assertEquals(Optional.empty(), EngineConfiguration.packedFolder(host()));
    assertThrows(BurhanException.class, () -> run());
  }
}
