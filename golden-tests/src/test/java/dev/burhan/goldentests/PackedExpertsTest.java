package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.convert.ConvertCommand;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.WarmUp;
import dev.burhan.kernel.registry.KernelHost;
import dev.burhan.kernel.registry.ProviderRegistry;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tiny models with memory for a tenth of their experts, which were packed ahead. */
class PackedExpertsTest {
  private static final int[] PROMPT = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
  private static final int TOKENS = 24;
  private static final int HEADER = 4096; // of a packed file

  private final Map<String, String> environment = new HashMap<>();
  @TempDir Path scratch;
  private Host host;

  @BeforeEach
  void makeHost() {
    ProviderRegistry registry = new ProviderRegistry();
    ServiceLoader.load(Provider.class).forEach(registry::add);
    environment.put("BURHAN_PACKED_FOLDER", scratch.resolve("packed").toString());
    host = new KernelHost(registry, new Settings(_ -> null, environment::get, Optional.empty()));
  }

  private static Path folder(String model) {
    return References.folder().resolve("models").resolve(model);
  }

  private String pack(String model) throws IOException {
    RecordedIo io = new RecordedIo();
    new ConvertCommand().run(RecordedIo.arguments("--panels", folder(model).toString()), io, host);
    return io.output();
  }

  private LoadedModel load(String model, Optional<String> expertMemory) {
    Map<String, String> options = new HashMap<>();
    expertMemory.ifPresent(size -> options.put(LoadRequest.EXPERT_MEMORY, size));
    return host.engine()
        .load(
            new LoadRequest(
                folder(model).toString(),
                Optional.of("vector"),
                2,
                0,
                options,
                Optional.of(WarmUp.OFF)),
            Progress.NONE);
  }

  private static float[][] logits(LoadedModel model) throws InterruptedException {
    float[][] all = new float[PROMPT.length][];
    model.score(PROMPT, (position, logits) -> all[position] = logits.clone());
    return all;
  }

  /** The largest files: a stack of experts each. */
  private List<Path> stacks() throws IOException {
    try (Stream<Path> all = Files.walk(scratch.resolve("packed"))) {
      List<Path> files =
          all.filter(file -> file.toString().endsWith(".packed"))
              .sorted(Comparator.comparing((Path file) -> file.toFile().length()))
              .toList();
      long largest = files.getLast().toFile().length();
      return files.stream().filter(file -> file.toFile().length() == largest).toList();
    }
  }

  @ParameterizedTest
  @CsvSource({"dsv3_tiny/f32, 115K", "dsv3_tiny/bf16, 57K", "dsv3_fp8/fp8, 61K"})
  void aTenthOfTheExpertsInMemoryGivesTheSameBits(String model, String tenth) throws Exception {
    assertTrue(pack(model).matches("(?s).*[1-9][0-9,]* bytes packed now, 0 were.*"));
    assertTrue(pack(model).matches("(?s).*: 0 bytes packed now, [1-9].*"));
    try (LoadedModel whole = load(model, Optional.empty());
        LoadedModel bounded = load(model, Optional.of(tenth))) {
      assertTrue(bounded.loading().orElseThrow().cachedBytes() > 0);
      assertTrue(bounded.plan().weightBytes() < whole.plan().weightBytes());
      for (int i = 0; i < 2; i++) {
        assertArrayEquals(logits(whole), logits(bounded));
        assertArrayEquals(
            TinyModelsTest.greedy(whole, PROMPT, TOKENS),
            TinyModelsTest.greedy(bounded, PROMPT, TOKENS));
      }
    }
  }

  @Test
  void aFileThatIsDamagedOrCutWhileRunningIsAnErrorOfTheRequest() throws Exception {
    pack("dsv3_tiny/f32");
    try (LoadedModel model = load("dsv3_tiny/f32", Optional.of("115K"))) {
      float[][] before = logits(model);
      for (Path file : stacks()) {
        flip(file, HEADER + 10);
      }
      String flipped = assertThrows(BurhanException.class, () -> logits(model)).getMessage();
      assertTrue(flipped.matches("(?s).*\\.packed: bytes \\d+ to \\d+ .*checksum.*"), flipped);
      for (Path file : stacks()) {
        flip(file, HEADER + 10);
      }
      assertArrayEquals(before, logits(model));
      for (Path file : stacks()) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.truncate(HEADER + 100);
        }
      }
      String cut = assertThrows(BurhanException.class, () -> logits(model)).getMessage();
      assertTrue(cut.matches("(?s).*\\.packed: .*ends at byte 4196.*"), cut);
    }
  }

  @Test
  void aFileThatIsDamagedAtTheStartIsNotUsed() throws Exception {
    pack("dsv3_tiny/f32");
    float[][] before;
    try (LoadedModel model = load("dsv3_tiny/f32", Optional.of("115K"))) {
      before = logits(model);
    }
    for (Path file : stacks()) {
      flip(file, 30);
      flip(file, HEADER + 10); // would be an error if it were read
    }
    try (LoadedModel model = load("dsv3_tiny/f32", Optional.of("115K"))) {
      assertArrayEquals(before, logits(model));
    }
    assertTrue(pack("dsv3_tiny/f32").matches("(?s).*[1-9][0-9,]* bytes packed now, [1-9].*"));
    assertTrue(pack("dsv3_tiny/f32").matches("(?s).*: 0 bytes packed now.*"));
  }

  private static void flip(Path file, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 16));
      channel.write(one.flip(), at);
    }
  }

  @Test
  void aModelWithoutExpertsIsPackedAheadToo() throws Exception {
    assertTrue(pack("qwen2_untied/f32").matches("(?s).*[1-9][0-9,]* bytes packed now, 0 were.*"));
    try (LoadedModel model = load("qwen2_untied/f32", Optional.empty())) {
      assertTrue(model.loading().orElseThrow().cachedBytes() > 0);
    }
  }

  @Test
  void whereNothingIsKeptNothingIsPacked() {
    environment.put("BURHAN_PACKED_CACHE", "false");
    String message =
        assertThrows(BurhanException.class, () -> pack("qwen2_untied/f32")).getMessage();
    assertTrue(message.contains("packed.cache"), message);
    assertFalse(Files.exists(scratch.resolve("packed")));
  }
}
