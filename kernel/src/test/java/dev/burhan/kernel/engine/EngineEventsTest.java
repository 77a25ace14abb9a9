package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.engine.Engine;
import dev.burhan.engine.EngineEvent;
import dev.burhan.engine.EngineEvent.Change;
import dev.burhan.engine.EngineEvent.Exchanged;
import dev.burhan.engine.EngineEvent.Failed;
import dev.burhan.engine.EngineEvent.Loaded;
import dev.burhan.engine.EngineEvent.Resumed;
import dev.burhan.engine.EngineEvent.Suspended;
import dev.burhan.engine.EngineEvent.Unloaded;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.WarmUp;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.registry.KernelHost;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EngineEventsTest {
  /** The oracle under another name, which may be chosen. */
  private record Named(String name) implements HostKernelsProvider {
    @Override
    public HostKernels open(Map<String, String> options) {
      return new OracleProvider().open(options);
    }
  }

  private final BlockingQueue<EngineEvent> events = new LinkedBlockingQueue<>();

  private <E extends EngineEvent> E next(Class<E> type) throws InterruptedException {
    return assertInstanceOf(type, events.poll(30, TimeUnit.SECONDS));
  }

  private static LoadRequest request(String model) {
    return new LoadRequest(model, Optional.empty(), 1, 0, Map.of(), Optional.of(WarmUp.OFF));
  }

  @Test
  void eachChangeIsToldInOrderAlsoIfAnotherListenerThrows(@TempDir Path folder) throws Exception {
    String file = Files.createFile(folder.resolve("scripted.model")).toString();
    Named one = new Named("one");
    KernelHost host = new ScriptedModel(Path.of(file), "abc.".split("")).host(one);
    Engine engine = host.engine();
    engine.listen(
        event -> {
          throw new IllegalStateException("a listener's own trouble, logged by this test");
        });
    Engine.Listening listening = host.engine().listen(events::add);
    LoadedModel model = engine.load(request(file), Progress.NONE);
    Loaded loaded = next(Loaded.class);
    assertEquals("one", loaded.backend());
    assertEquals(file, loaded.checkpoint());
    model.exchange(Optional.of("oracle"), false);
    assertEquals("oracle", next(Exchanged.class).exchange().to());
    assertThrows(BurhanException.class, () -> model.exchange(Optional.of("abacus"), false));
    Failed failed = next(Failed.class);
    assertEquals(Change.EXCHANGE, failed.change());
    assertTrue(failed.reason().contains("abacus"));
    model.exchange(Optional.of("one"), false);
    assertEquals("one", next(Exchanged.class).exchange().to());
    host.remove(one);
    assertEquals("one", next(Suspended.class).backend());
    host.add(one);
    assertEquals("one", next(Resumed.class).exchange().to());
    model.close();
    assertEquals(file, next(Unloaded.class).checkpoint());
    assertThrows(BurhanException.class, () -> engine.load(request("none"), Progress.NONE));
    assertEquals(Change.LOAD, next(Failed.class).change());
    listening.close();
    engine.load(request(file), Progress.NONE).close();
    assertTrue(events.isEmpty());
  }
}
