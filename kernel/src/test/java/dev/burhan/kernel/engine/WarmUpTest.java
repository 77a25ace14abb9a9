package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.WarmUp;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Settings;
import dev.burhan.provider.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WarmUpTest {
  @TempDir Path folder;
  private Path file;
  private ScriptedModel script;
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  @BeforeEach
  void makeModel() throws Exception {
    file = Files.createFile(folder.resolve("scripted.model"));
    script = new ScriptedModel(file, "abcdefghijklmnopqrstuvwxyz.".split(""));
  }

  private LoadedModel load(Settings settings, Optional<WarmUp> when) {
    LoadRequest request =
        new LoadRequest(file.toString(), Optional.of("oracle"), 2, 0, Map.of(), when);
    Progress progress = (what, _, _) -> told.add(what);
    return script.host(settings).engine().load(request, progress);
  }

  private static Settings configured(String warmup) {
    return new Settings(
        name -> name.equals("burhan.warm.up") ? warmup : null, name -> null, Optional.empty());
  }

  private boolean warmedUpWhileLoading() {
    return told.stream().anyMatch(what -> what.startsWith("warming up"));
  }

  private static String answer(LoadedModel model, int tokens) throws InterruptedException {
    GenerationRequest request =
        new GenerationRequest(
            List.of(0), tokens, SamplingParameters.greedy(), List.of(), true, Map.of());
    StringBuilder text = new StringBuilder();
    try (Generation generation = model.generate(request)) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        if (event instanceof GenerationEvent.Text part) {
          text.append(part.text());
        }
      }
    }
    return text.toString();
  }

  @Test
  void aModelWarmedUpWhileLoadingHasItsWholeCacheFree() throws Exception {
    try (LoadedModel model = load(Settings.none(), Optional.of(WarmUp.LOAD))) {
      assertTrue(warmedUpWhileLoading(), told.toString());
      assertTrue(answer(model, ScriptedModel.CONTEXT).startsWith("bcdefghij"));
    }
    assertTrue(script.allClosed());
  }

  @Test
  void warmUpInTheBackgroundChangesNoAnswer() throws Exception {
    try (LoadedModel model = load(Settings.none(), Optional.empty())) {
      assertFalse(warmedUpWhileLoading());
      assertEquals("bcdef", answer(model, 5));
    }
  }

  @Test
  void aModelIsClosedInTheMiddleOfItsWarmUp() {
    load(Settings.none(), Optional.of(WarmUp.BACKGROUND)).close();
    assertTrue(script.allClosed());
  }

  @Test
  void theConfigurationOverridesWhatSuitsACommand() {
    Settings off = configured("off");
    load(off, Optional.of(WarmUp.LOAD)).close();
    assertFalse(warmedUpWhileLoading());
  }

  @Test
  void anInterruptEndsTheWaitAndStays() {
    Thread.currentThread().interrupt();
    LoadedModel model = load(Settings.none(), Optional.of(WarmUp.LOAD));
    assertTrue(Thread.interrupted());
    model.close();
  }

  @Test
  void aWordThatIsNoTimeForItIsRefused() {
    Settings wrong = configured("soon");
    UsageException thrown = assertThrows(UsageException.class, () -> load(wrong, Optional.empty()));
    assertTrue(thrown.getMessage().contains("off, background or load"), thrown.getMessage());
  }
}
