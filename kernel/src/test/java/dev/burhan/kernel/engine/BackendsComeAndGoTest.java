package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.WarmUp;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.registry.KernelHost;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Providers of kernels that come and go while a model answers. */
@Timeout(60)
class BackendsComeAndGoTest {
  private static final int LONG = 200;

  /** The oracle under another name, which may be chosen. */
  private record Named(String name, int rank) implements HostKernelsProvider {
    @Override
    public HostKernels open(Map<String, String> options) {
      return new OracleProvider().open(options);
    }
  }

  @TempDir Path folder;
  private Path file;
  private ScriptedModel script;

  @BeforeEach
  void makeFile() throws Exception {
    file = Files.createFile(folder.resolve("scripted.model"));
    script = new ScriptedModel(file, "abcdefghijklmnopqrstuvwxyz.".split(""));
  }

  private LoadedModel load(KernelHost host, Optional<String> backend) {
    return host.engine()
        .load(
            new LoadRequest(file.toString(), backend, 2, 0, Map.of(), Optional.of(WarmUp.OFF)),
            Progress.NONE);
  }

  private static Generation ask(LoadedModel model) {
    return model.generate(
        new GenerationRequest(
            List.of(0), LONG, SamplingParameters.greedy(), List.of(), true, Map.of()));
  }

  private static void awaitText(Generation generation) throws InterruptedException {
    while (!(generation.next() instanceof GenerationEvent.Text)) {
      // the first token is on its way
    }
  }

  /** Checks the rest of an answer whose first token was taken. */
  private static void assertComplete(Generation generation) throws InterruptedException {
    StringBuilder text = new StringBuilder("b");
    for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
      if (event instanceof GenerationEvent.Text more) {
        text.append(more.text());
      }
    }
    for (int i = 0; i < text.length(); i++) {
      assertEquals("abcdefghijklmnopqrstuvwxyz.".charAt((i + 1) % 27), text.charAt(i));
    }
    assertTrue(text.length() > LONG - 12, "the end token has no text, all others have");
    generation.close();
  }

  @Test
  void anAnswerGoesOnWithTheNextBestWhenItsBackendGoes() throws Exception {
    Named best = new Named("best", 10);
    Named second = new Named("second", 5);
    KernelHost host = script.host(best, second);
    try (LoadedModel model = load(host, Optional.empty())) {
      assertEquals("best", model.backend());
      Generation answer = ask(model);
      awaitText(answer);
      host.remove(best);
      assertEquals("second", model.backend());
      assertComplete(answer);
      host.add(best);
      while (!model.backend().equals("best")) {
        Thread.onSpinWait(); // it is better, and compiled beside the other
      }
      Generation next = ask(model);
      awaitText(next);
      assertComplete(next);
    }
    assertTrue(script.allClosed());
  }

  @Test
  void withoutAnyAnAnswerWaitsUntilOneComes() throws Exception {
    Named only = new Named("only", 1);
    KernelHost host = script.host(only);
    try (LoadedModel model = load(host, Optional.empty())) {
      Generation answer = ask(model);
      awaitText(answer);
      host.remove(only);
      assertEquals(0, model.statistics().running());
      host.add(new Named("other", 1));
      assertComplete(answer);
      while (!model.backend().equals("other")) {
        Thread.onSpinWait(); // where the answer was quicker than the leaving backend
      }
    }
    assertTrue(script.allClosed());
  }

  @Test
  void oneThatWasNamedIsWaitedForByItsName() throws Exception {
    Named named = new Named("named", 1);
    Named other = new Named("other", 10);
    KernelHost host = script.host(named, other);
    try (LoadedModel model = load(host, Optional.of("named"))) {
      Generation answer = ask(model);
      awaitText(answer);
      host.remove(named);
      assertEquals(1, model.statistics().waiting());
      host.add(new Named("third", 20));
      host.add(named);
      assertComplete(answer);
      assertEquals("named", model.backend());
      assertEquals("third", model.exchange(Optional.empty(), false).to());
    }
  }

  private static Settings configured(String backend) {
    return new Settings(
        name -> name.equals("burhan.backend") ? backend : null, name -> null, Optional.empty());
  }

  @Test
  void aConfiguredBackendTakesOverWhereNobodyNamedOne() throws Exception {
    KernelHost host = script.host(new Named("best", 10), new Named("second", 5));
    try (LoadedModel free = load(host, Optional.empty());
        LoadedModel bound = load(host, Optional.of("best"))) {
      Generation answer = ask(free);
      awaitText(answer);
      host.settings(configured("second"));
      while (!free.backend().equals("second")) {
        Thread.onSpinWait(); // it is compiled beside the other
      }
      assertComplete(answer);
      assertEquals("best", bound.backend());
      free.exchange(Optional.of("best"), false);
      host.settings(configured("second"));
      host.settings(Settings.none());
      assertEquals("best", free.backend(), "the operator's word goes before");
    }
    assertTrue(script.allClosed());
  }

  @Test
  void aModelWithoutABackendCanBeClosed() throws Exception {
    Named only = new Named("only", 1);
    KernelHost host = script.host(only);
    LoadedModel model = load(host, Optional.empty());
    Generation answer = ask(model);
    awaitText(answer);
    host.remove(only);
    model.close();
    assertThrows(
        BurhanException.class,
        () -> {
          while (answer.next() != null) {
            // what had come
          }
        });
    assertTrue(script.allClosed());
    assertTrue(host.engine().models().isEmpty());
  }
}
