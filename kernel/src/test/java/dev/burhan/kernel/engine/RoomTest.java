package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Backend;
import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.WeightStore;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.WarmUp;
import dev.burhan.graph.Graph;
import dev.burhan.kernel.machine.MachineMemory;
import dev.burhan.kernel.registry.KernelHost;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RoomTest {
  private static final long PETABYTE = 1_000_000_000_000_000L;

  /** Arranges weights so that no machine holds them. */
  private static final class Wasteful implements BackendProvider, Backend {
    @Override
    public String name() {
      return "wasteful";
    }

    @Override
    public Backend open(Map<String, String> options, Host host) {
      return this;
    }

    @Override
    public Plan plan(Graph graph, Limits limits) {
      return new Plan(
          graph,
          limits,
          graph.nodes().stream().map(_ -> name()).toList(),
          PETABYTE,
          1000,
          0,
          0,
          0,
          new Numerics("wasteful", true),
          List.of());
    }

    @Override
    public Program compile(Plan plan, WeightStore weights) {
      throw new BurhanException("compiled");
    }

    @Override
    public void close() {}
  }

  @Test
  void aModelThatDoesNotFitBesideAnotherIsRefusedBeforeAWeightIsMade(@TempDir Path folder)
      throws Exception {
    Path file = Files.createFile(folder.resolve("scripted.model"));
    ScriptedModel script = new ScriptedModel(file, "abc.".split(""));
    KernelHost host = script.host(new Wasteful());
    LoadRequest small = request(file, "oracle");
    LoadRequest large = request(file, "wasteful");
    // Alone it is tried: the system may swap, or take pages of files back.
    assertEquals("compiled", refusal(host, large));
    try (LoadedModel model = host.engine().load(small, Progress.NONE)) {
      if (MachineMemory.available().isPresent()) {
        String message = refusal(host, large);
        assertTrue(
            message.startsWith(
                "large does not fit beside what is loaded: it needs 1.0 PB (weights 1.0 PB, KV cache of 400 tokens 7.0 kB, scratch 0 B)"),
            message);
      }
      host.engine().load(small, Progress.NONE).close();
      assertEquals(List.of(model), host.engine().models());
    }
    assertTrue(script.allClosed());
  }

  private static LoadRequest request(Path file, String backend) {
    return new LoadRequest(
            file.toString(), Optional.of(backend), 1, 0, Map.of(), Optional.of(WarmUp.OFF))
        .withName("large");
  }

  private static String refusal(KernelHost host, LoadRequest request) {
    return assertThrows(
            BurhanException.class, () -> host.engine().load(request, Progress.NONE).close())
        .getMessage();
  }
}
