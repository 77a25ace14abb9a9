package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.backendtck.Deviation;
import dev.burhan.backendtck.ModelSteps;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.goldentests.GgufTwin.LatentUp;
import dev.burhan.graph.Graph;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.tensor.DataType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * DeepSeek models as GGUF give what the folder gives that they were converted from, however the
 * file lays out attention and experts.
 */
class DeepSeekGgufTest {
  private static final double MAX_ABS = 3e-4;
  private static final double MEAN_ABS = 3e-5;
  private static final double SAME_NUMBERS = 2e-5;
  private static final Map<String, String> OPTIONS = Map.of();

  @TempDir Path scratch;
  private final Host host = new FlatHost();

  private static Path folder(String model) {
    return References.folder().resolve("models").resolve(model);
  }

  private Checkpoint open(String model) {
    return host.openCheckpoint(folder(model).toString(), Progress.NONE);
  }

  private float[][] logits(Steps steps, int[] ids) {
    return steps.run(steps.model().graph(), ids, Map.of(), Map.of()).rows(Graph.LOGITS);
  }

  private static void equal(float[][] expected, float[][] found, double max, double mean) {
    assertEquals(expected.length, found.length);
    Deviation deviation = new Deviation("GGUF");
    for (int row = 0; row < expected.length; row++) {
      deviation.logits(row, expected[row], found[row]);
    }
    deviation.within(max, mean);
  }

  @ParameterizedTest
  @CsvSource({
    "dsv3_tiny/f32, F32, WHOLE, false, 1",
    "dsv3_tiny/f32, F32, SPLIT, false, 3",
    "dsv3_tiny/f32, F32, SPLIT_FLAT, true, 1",
    "dsv3_tiny/bf16, BF16, SPLIT, true, 1",
    "dsv3_fp8/bf16, BF16, WHOLE, false, 2"
  })
  void logitsAndMtpLogitsEqualTheReference(
      String model, String type, LatentUp latentUp, boolean fused, int files) throws Exception {
    Path gguf;
    try (Checkpoint folder = open(model)) {
      gguf =
          new GgufTwin(folder, DataType.named(type).orElseThrow())
              .write(scratch, latentUp, fused, files);
    }
    try (References references = new References(host, folder(model).resolve("golden.safetensors"));
        Steps steps = new Steps(host, gguf, "oracle", OPTIONS)) {
      int[] ids = references.ids("prompt2.ids");
      ModelSteps.Result result = steps.run(steps.model().graph(), ids, Map.of(), Map.of());
      equal(references.rows("prompt2.logits"), result.rows(Graph.LOGITS), MAX_ABS, MEAN_ABS);
      float[][] hidden = Arrays.copyOf(result.rows(Graph.HIDDEN), ids.length - 1);
      ModelSteps.Result drafted =
          steps.run(
              steps.model().draft().orElseThrow(),
              Arrays.copyOfRange(ids, 1, ids.length),
              Map.of(),
              Map.of(Graph.HIDDEN, hidden));
      equal(references.rows("mtp.logits_postnorm"), drafted.rows(Graph.LOGITS), MAX_ABS, MEAN_ABS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dsv3_tiny/f32, F16, SPLIT, false",
    "dsv3_tiny/f32, Q8_0, WHOLE, true",
    "dsv3_tiny/f32, F16, WHOLE, true"
  })
  void roundedWeightsGiveWhatTheyGiveInAFolder(
      String model, String type, LatentUp latentUp, boolean fused) {
    int[] ids = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    try (Checkpoint folder = open(model)) {
      GgufTwin twin = new GgufTwin(folder, DataType.named(type).orElseThrow());
      Path gguf = twin.write(scratch, latentUp, fused, 1);
      try (Steps expected = new Steps(host, twin.rounded(), "oracle", OPTIONS);
          Steps found = new Steps(host, gguf, "oracle", OPTIONS)) {
        equal(logits(expected, ids), logits(found, ids), SAME_NUMBERS, SAME_NUMBERS);
      }
    }
  }

  @Test
  void aFileTellsTheSameFactsAsItsFolder() {
    try (Checkpoint folder = open("dsv3_tiny/f32")) {
      Path gguf = new GgufTwin(folder, DataType.F32).write(scratch, LatentUp.SPLIT, false, 1);
      try (Steps one = new Steps(host, folder(("dsv3_tiny/f32")), "oracle", OPTIONS);
          Steps other = new Steps(host, gguf, "oracle", OPTIONS)) {
        ModelGraph a = one.model();
        ModelGraph b = other.model();
        assertEquals("deepseek2", b.info().architecture());
        assertEquals(
            Arrays.asList(a.info().layers(), a.info().hidden(), a.info().vocabulary()),
            Arrays.asList(b.info().layers(), b.info().hidden(), b.info().vocabulary()));
        assertEquals(a.info().parameters(), b.info().parameters());
        assertEquals(a.info().context(), b.info().context());
        assertEquals(a.graph().caches(), b.graph().caches());
      }
    }
  }
}
