package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.backend.Backend;
import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.WeightStore;
import dev.burhan.command.Command;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.graph.Graph;
import dev.burhan.kernel.command.BackendsCommand;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.registry.KernelHost;
import dev.burhan.kernel.registry.ProviderRegistry;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Probe;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import dev.burhan.provider.UsageException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which backend runs a model, with the real ones and some that can't. */
class BackendSelectionTest {
  private static final String MODEL = "models/qwen2_tied/f32";

  private final ProviderRegistry registry = new ProviderRegistry();

  private Host host(Predicate<Provider> but, String property) {
    ServiceLoader.load(Provider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(but.negate())
        .forEach(registry::add);
    return new KernelHost(
        registry,
        new Settings(
            name -> name.equals("burhan.backend") ? property : null,
            name -> null,
            Optional.empty()));
  }

  private Host host() {
    return host(provider -> false, null);
  }

  private static String model() {
    return References.folder().resolve(MODEL).toString();
  }

  /** A backend that is usable and of highest rank, and runs no graph at all. */
  private record Incapable(boolean usable) implements BackendProvider {
    @Override
    public String name() {
      return "incapable";
    }

    @Override
    public int rank() {
      return 1000;
    }

    @Override
    public Probe probe() {
      return usable ? Probe.ready() : Probe.unusable("there is no such device");
    }

    @Override
    public Backend open(Map<String, String> options, Host host) {
      return new Backend() {
        @Override
        public Plan plan(Graph graph, Limits limits) {
          return new Plan(
              graph, limits, List.of(), 0, 0, 0, 0, 0, new Numerics("x", true), List.of("no"));
        }

        @Override
        public Program compile(Plan plan, WeightStore weights) {
          throw new AssertionError("it runs nothing");
        }

        @Override
        public void close() {
          // holds nothing
        }
      };
    }
  }

  @Test
  void whatDoesNotRunTheModelIsPassedOver() {
    Host host = host();
    registry.add(new Incapable(true));
    assertEquals("incapable", new BackendSelection(host).best().orElseThrow().name());
    try (LoadedModel loaded =
        host.engine()
            .load(new LoadRequest(model(), Optional.empty(), 1, 0, Map.of()), Progress.NONE)) {
      assertEquals("vector", loaded.backend());
    }
  }

  @Test
  void anUnusableOneThatIsNamedIsAnErrorWithItsReason() {
    Host host = host();
    registry.add(new Incapable(false));
    BackendSelection selection = new BackendSelection(host);
    assertEquals("vector", selection.best().orElseThrow().name());
    for (String name : List.of("incapable", "incapable+vector")) {
      String message =
          assertThrows(BurhanException.class, () -> selection.open(Optional.of(name), Map.of()))
              .getMessage();
      assertTrue(message.contains("there is no such device"), message);
    }
    assertThrows(UsageException.class, () -> selection.open(Optional.of("blas+nobody"), Map.of()));
  }

  @Test
  void aPartOfTheOperationsIsNothingWithoutTheRest() {
    Host host = host(provider -> named(provider, "vector"), null);
    BackendSelection selection = new BackendSelection(host);
    assertTrue(selection.best().isEmpty());
    String message =
        assertThrows(BurhanException.class, () -> selection.open(Optional.of("blas"), Map.of()))
            .getMessage();
    assertTrue(message.contains("backend-vector"), message);
  }

  private static boolean named(Provider provider, String name) {
    return provider instanceof HostKernelsProvider && provider.name().equals(name);
  }

  @Test
  void theFastestByMeasurementComesFirstAndTheOthersByName() {
    List<String> names =
        new BackendSelection(host()).candidates().stream().map(Provider::name).toList();
    assertEquals(List.of("vector", "blas", "oracle"), names);
  }

  private JsonNode backends(Host host, int expected, String... options) throws Exception {
    RecordedIo io = new RecordedIo();
    String[] words = Stream.concat(Stream.of("--json"), Stream.of(options)).toArray(String[]::new);
    assertEquals(
        expected, new BackendsCommand().run(RecordedIo.arguments(words), io, host), io.errors());
    return io.json();
  }

  private static JsonNode entry(JsonNode answer, String name) {
    for (JsonNode entry : answer.get("backends")) {
      if (entry.get("name").asText().equals(name)) {
        return entry;
      }
    }
    throw new AssertionError(name + " is not in " + answer);
  }

  @Test
  void theListTellsWhichOneWouldRunAModelAndWhy() throws Exception {
    Host host = host();
    registry.add(new Incapable(true));
    JsonNode answer = backends(host, Command.DONE, "model=" + model());
    assertEquals("vector", answer.get("chosen").asText());
    assertTrue(answer.get("reason").asText().contains("rank"), answer.toString());
    assertFalse(entry(answer, "incapable").get("runs_model").asBoolean());
    assertEquals("no", entry(answer, "incapable").get("refusals").get(0).asText());
    assertTrue(entry(answer, "blas").get("runs_model").asBoolean());
    assertTrue(
        entry(answer, "blas")
            .get("numerics")
            .asText()
            .matches("vector-.*\\+openblas.*|openblas-.*\\+vector-.*"),
        answer.toString());
    assertFalse(entry(answer, "oracle").get("selectable").asBoolean());
  }

  @Test
  void whoNamedItIsTold() throws Exception {
    JsonNode configured = backends(host(provider -> false, "blas"), Command.DONE);
    assertEquals("blas", configured.get("chosen").asText());
    assertTrue(
        configured.get("reason").asText().contains("system property burhan.backend"),
        configured.toString());
  }

  @Test
  void theCommandLineGoesBeforeAPropertyAndItsMistakeIsTold() throws Exception {
    Host host = host(provider -> false, "blas");
    registry.add(new Incapable(false));
    JsonNode answer = backends(host, Command.FAILED, "backend=incapable");
    assertFalse(answer.has("chosen"));
    assertTrue(answer.get("reason").asText().startsWith("named by --backend"), answer.toString());
    assertTrue(answer.get("reason").asText().contains("no such device"), answer.toString());
  }
}
