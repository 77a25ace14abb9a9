package dev.burhan.kernel.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.command.Command;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.kernel.engine.ScriptedModel;
import dev.burhan.kernel.registry.KernelComponent;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Settings;
import dev.burhan.provider.UsageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
  @TempDir Path folder;
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private final RecordedIo io = new RecordedIo();
  private Path file;

  @BeforeEach
  void makeFile() throws IOException {
    file = Files.createFile(folder.resolve("model"));
  }

  private Host host() {
    return new ScriptedModel(file, "a", "b", "c")
        .host(
            new Settings(properties::get, environment::get, Optional.of(folder)),
            new EngineConfiguration());
  }

  private int run(String... words) {
    return new ConfigCommand().run(RecordedIo.arguments(words), io, host());
  }

  private JsonNode value(String key) {
    for (JsonNode node : io.json()) {
      if (node.get("key").asText().equals(key)) {
        return node;
      }
    }
    throw new AssertionError("no key " + key + " in " + io.output());
  }

  @Test
  void eachKeyHasValueAndOrigin() {
    environment.put("BURHAN_THREADS", "3");
    assertEquals(Command.DONE, run("--json"));
    assertEquals(14, io.json().size());
    assertEquals("3", value("threads").get("value").asText());
    assertEquals("environment BURHAN_THREADS", value("threads").get("origin").asText());
    assertEquals("0", value("context").get("value").asText());
    assertEquals("default", value("context").get("origin").asText());
  }

  @Test
  void misspeltKeyInTheFileIsTold() throws IOException {
    Files.writeString(folder.resolve("dev.burhan.engine.cfg"), "thread = 2\ncontext = 128\n");
    run();
    assertTrue(io.output().contains("conf/dev.burhan.engine.cfg"), io.output());
    assertTrue(io.errors().contains("unknown key 'thread'"), io.errors());
  }

  private LoadedModel load(LoadRequest request) {
    return host().engine().load(request, Progress.NONE);
  }

  @Test
  void engineTakesWhatARequestLeavesOpenFromTheConfiguration() throws IOException {
    properties.put("burhan.backend", "oracle"); // never chosen by itself
    environment.put("BURHAN_THREADS", "3");
    Files.writeString(folder.resolve("dev.burhan.engine.cfg"), "context = 64\nthreads = 1\n");
    try (LoadedModel model = load(LoadRequest.of(file.toString()))) {
      assertEquals("oracle", model.backend());
      assertEquals(3, model.plan().limits().threads());
      assertEquals(64, model.plan().limits().context());
    }
    LoadRequest explicit = new LoadRequest(file.toString(), Optional.of("oracle"), 1, 32, Map.of());
    try (LoadedModel model = load(explicit)) {
      assertEquals(1, model.plan().limits().threads());
      assertEquals(32, model.plan().limits().context());
    }
  }

  @Test
  void valueOfTheWrongTypeNamesKeyAndOrigin() {
    environment.put("BURHAN_THREADS", "many");
    UsageException error =
        assertThrows(UsageException.class, () -> load(LoadRequest.of(file.toString())));
    assertEquals(
        "'threads' should be of type int, found 'many' (environment BURHAN_THREADS)",
        error.getMessage());
  }

  @Test
  void inOsgiAChangedConfigurationHoldsFromThenOn() {
    KernelComponent kernel =
        new KernelComponent(Map.of("component.name", "kernel", "context", "96"));
    assertEquals(Optional.of("96"), context(kernel));
    kernel.modified(Map.of("component.name", "kernel", "context", 128));
    assertEquals(Optional.of("128"), context(kernel));
  }

  private static Optional<String> context(Host kernel) {
    return kernel
        .settings()
        .find(EngineConfiguration.PID, "context", List.of())
        .map(Settings.Setting::value);
  }

  @Test
  void underscoresInMethodNamesAreDots() {
    assertEquals(
        List.of(
            "activations",
            "backend",
            "backend.patience",
            "context",
            "kv.memory",
            "kv.type",
            "packed.cache",
            "packed.folder",
            "packed.gigabytes",
            "prefix.cache",
            "sequences",
            "speculate",
            "threads",
            "warm.up"),
        Definition.of(new EngineConfiguration()).keys());
  }

  @Test
  void descriptionsComeFromTheMetatypeResource() throws Exception {
    String xml =
        "<MetaData><OCD id='x'><AD id='threads' name='Threads' description='How many.'/></OCD></MetaData>";
    assertEquals(
        Map.of("threads", "How many."),
        Descriptions.read(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8))));
  }
}
