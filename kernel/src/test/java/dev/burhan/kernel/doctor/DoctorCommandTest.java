package dev.burhan.kernel.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.command.Command;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.engine.ScriptedModel;
import dev.burhan.kernel.machine.ReadBandwidth;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.Probe;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
  @TempDir Path folder;
  private final RecordedIo io = new RecordedIo();

  /** A library of kernels that is there and may be unusable. */
  private record Kernels(String name, Probe probe) implements HostKernelsProvider {
    @Override
    public HostKernels open(Map<String, String> options) {
      throw new UnsupportedOperationException();
    }
  }

  private final class Catalogue implements ModelCatalog {
    @Override
    public String name() {
      return "catalogue";
    }

    @Override
    public List<Entry> entries() {
      return List.of(
          new Entry("there", "There", "MIT", 3, "", List.of()),
          new Entry("missing", "Missing", "MIT", 2_000_000, "", List.of()));
    }

    @Override
    public Optional<Path> folder() {
      return Optional.of(folder);
    }

    @Override
    public Optional<Path> cached(String name) {
      return Optional.of(folder.resolve(name)).filter(Files::exists);
    }

    @Override
    public Path fetch(String name, Progress progress) {
      throw new AssertionError("the doctor fetches nothing");
    }
  }

  private int run(Map<String, String> environment, Provider... providers)
      throws IOException, InterruptedException {
    Path file = folder.resolve("model");
    var host =
        new ScriptedModel(file, "a", "b")
            .host(new Settings(name -> null, environment::get, Optional.empty()), providers);
    return new DoctorCommand((memory, threads) -> ReadBandwidth.measure(memory, threads, 1 << 20))
        .run(RecordedIo.arguments("--json"), io, host);
  }

  private JsonNode finding(String topic) {
    for (JsonNode finding : io.json().get("findings")) {
      if (finding.get("topic").asText().equals(topic)) {
        return finding;
      }
    }
    throw new AssertionError("nothing about " + topic + " in " + io.output());
  }

  @Test
  void allIsWellWithABackendThatCanBeChosen() throws Exception {
    Files.writeString(folder.resolve("there"), "abc");
    assertEquals(
        Command.DONE,
        run(
            Map.of("BURHAN_CONTEXT", "64"),
            new Kernels("fast", Probe.ready("512 bits")),
            new Kernels("gpu", Probe.unusable("no driver")),
            new Catalogue(),
            new EngineConfiguration()));
    assertTrue(io.json().get("usable").asBoolean());
    assertEquals("chosen by itself: 512 bits", finding("backend fast").get("text").asText());
    assertEquals("can't be used: no driver", finding("backend gpu").get("text").asText());
    assertEquals("usable when named", finding("backend oracle").get("text").asText());
    assertTrue(finding("model there").get("text").asText().startsWith("present: "));
    assertEquals("not fetched yet, 2.0 MB", finding("model missing").get("text").asText());
    assertTrue(finding("cache").get("text").asText().contains("3 B used"), io.output());
    assertEquals(
        "64 (environment BURHAN_CONTEXT)", finding("setting context").get("text").asText());
    assertTrue(io.json().get("read_bandwidth_bytes_per_second").asDouble() > 0);
    assertEquals( // each key of the configuration, once
        new EngineConfiguration().configuration().getDeclaredMethods().length,
        io.json().get("configuration").size());
  }

  @Test
  void withoutABackendBurhanCanNotWork() throws Exception {
    assertEquals(Command.FAILED, run(Map.of(), new Kernels("gpu", Probe.unusable("no driver"))));
    assertEquals("failure", finding("backends").get("level").asText());
    assertTrue(!finding("backends").get("advice").asText().isEmpty());
  }

  @Test
  void badValueIsAFailureThatNamesIt() throws Exception {
    assertEquals(
        Command.FAILED,
        run(
            Map.of("BURHAN_THREADS", "many"),
            new Kernels("fast", Probe.ready()),
            new EngineConfiguration()));
    assertTrue(finding("configuration").get("text").asText().contains("'many'"), io.output());
  }

  @Test
  void catalogueThatFailsDoesNotTakeTheRestWithIt() throws Exception {
    ModelCatalog blocked =
        new ModelCatalog() {
          @Override
          public String name() {
            return "blocked";
          }

          @Override
          public List<Entry> entries() {
            return List.of();
          }

          @Override
          public Optional<Path> folder() {
            throw new IllegalStateException("the cache is nowhere");
          }

          @Override
          public Path fetch(String name, Progress progress) {
            throw new AssertionError();
          }
        };
    assertEquals(Command.FAILED, run(Map.of(), new Kernels("fast", Probe.ready()), blocked));
    assertEquals("the cache is nowhere", finding("catalogue").get("text").asText());
  }
}
