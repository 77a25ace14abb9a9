package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tiny models with memory for a tenth of their experts. */
class ExpertsFromDiskTest {
  private static final int[] PROMPT = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
  private static final int TOKENS = 24;

  private final Host host = new FlatHost();
  @TempDir Path scratch;

  private static Path folder(String model) {
    return References.folder().resolve("models").resolve(model);
  }

  private LoadedModel load(Path folder, Optional<String> expertMemory) {
    Map<String, String> options = new HashMap<>();
    expertMemory.ifPresent(size -> options.put(LoadRequest.EXPERT_MEMORY, size));
    return host.engine()
        .load(
            new LoadRequest(folder.toString(), Optional.of("vector"), 2, 0, options),
            Progress.NONE);
  }

  private static float[][] logits(LoadedModel model) throws InterruptedException {
    float[][] all = new float[PROMPT.length][];
    model.score(PROMPT, (position, logits) -> all[position] = logits.clone());
    return all;
  }

  @ParameterizedTest
  @CsvSource({"dsv3_tiny/f32, 115K", "dsv3_tiny/bf16, 57K", "dsv3_fp8/fp8, 61K"})
  void aTenthOfTheExpertsInMemoryGivesTheSameBits(String model, String tenth) throws Exception {
    try (LoadedModel whole = load(folder(model), Optional.empty());
        LoadedModel bounded = load(folder(model), Optional.of(tenth))) {
      for (int i = 0; i < 2; i++) {
        assertArrayEquals(logits(whole), logits(bounded));
        assertArrayEquals(
            TinyModelsTest.greedy(whole, PROMPT, TOKENS),
            TinyModelsTest.greedy(bounded, PROMPT, TOKENS));
      }
    }
  }

  @Test
  void aFileThatShrinksIsAnErrorOfTheRequest() throws Exception {
    Path copy = Files.createDirectory(scratch.resolve("model"));
    List<Path> files;
    try (Stream<Path> all = Files.list(folder("dsv3_tiny/f32"))) {
      files = all.filter(file -> !file.getFileName().toString().startsWith("golden")).toList();
    }
    for (Path file : files) {
      Files.copy(file, copy.resolve(file.getFileName()));
    }
    Path weights = copy.resolve("model.safetensors");
    byte[] content = Files.readAllBytes(weights);
    try (LoadedModel model = load(copy, Optional.of("115K"))) {
      float[][] before = logits(model);
      try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
        channel.truncate(content.length / 8);
      }
      String message = assertThrows(BurhanException.class, () -> logits(model)).getMessage();
      assertTrue(message.contains("model.safetensors"), message);
      assertTrue(message.matches("(?s).*\\d{5,}.*"), message); // where in the file
      Files.write(weights, Arrays.copyOf(content, content.length), StandardOpenOption.WRITE);
      assertArrayEquals(before, logits(model));
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "4X", "many"})
  void aSizeThatIsNoneIsRefused(String size) {
    assertThrows(
        UsageException.class, () -> load(folder("dsv3_tiny/f32"), Optional.of(size)).close());
  }
}
