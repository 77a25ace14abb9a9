package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.Graph;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What the references of deepseek_v3 don't cover: DeepSeek-V2's way of choosing experts, and YaRN
 * whose factor on sine and cosine is not 1. Expected are the last position's first logits of a
 * float64 forward in NumPy, written from the paper and DeepSeek's published code, of the reference
 * models' weights under other settings.
 */
class DeepSeekV2Test {
  private static final int[] IDS = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9};
  private static final float TOLERANCE = 1e-4f;

  private final Host host = new FlatHost();

  /** A reference model as if it were a DeepSeek-V2: without bias for choosing and MTP. */
  private MemoryCheckpoint older(String model) {
    Path folder = References.folder().resolve("models").resolve(model);
    MemoryCheckpoint older = new MemoryCheckpoint("safetensors");
    try (Checkpoint real = host.openCheckpoint(folder.toString(), Progress.NONE)) {
      int layers = real.metadata().integer("num_hidden_layers", 1, 100);
      for (String key : real.metadata().keys()) {
        older.key(key, real.metadata().value(key).orElseThrow());
      }
      for (TensorInfo info : real.tensors().values()) {
        boolean newer =
            info.name().endsWith("e_score_correction_bias")
                || info.name().startsWith("model.layers." + layers + ".");
        if (!newer) {
          older.tensor(info.name(), info.type(), info.shape(), real.data(info.name()));
        }
      }
    }
    return older
        .key("model_type", "deepseek_v2")
        .key("scoring_func", "softmax")
        .key("norm_topk_prob", false);
  }

  private void assertLogits(Checkpoint checkpoint, float... expected) {
    try (Steps steps = new Steps(host, checkpoint, "oracle", Map.of())) {
      float[][] logits =
          steps.run(steps.model().graph(), IDS, Map.of(), Map.of()).rows(Graph.LOGITS);
      assertArrayEquals(
          expected, Arrays.copyOf(logits[IDS.length - 1], expected.length), TOLERANCE);
    }
  }

  @Test
  void softmaxScoresChosenGreedilyAsInV2Lite() {
    assertLogits(
        older("dsv3_noqlora/f32")
            .key("topk_method", "greedy")
            .key("n_group", 4L) // not asked for by greedy
            .key("rope_scaling.mscale", 0.707)
            .key("rope_scaling.mscale_all_dim", 0.707),
        0.35524f,
        -0.97599f,
        1.7243f,
        4.98389f,
        1.79249f,
        -3.61359f,
        1.74901f,
        -1.87197f);
  }

  @Test
  void groupsLimitedByTheirBestExpertAsInV2() {
    assertLogits(
        older("dsv3_tiny/f32")
            .key("topk_method", "group_limited_greedy")
            .key("routed_scaling_factor", 16.0)
            .key("rope_scaling.mscale", 0.707)
            .key("rope_scaling.mscale_all_dim", 0.707),
        -0.86215f,
        -0.14697f,
        3.17415f,
        -2.98518f,
        -0.88992f,
        -3.81458f,
        0.87455f,
        -1.18271f);
  }

  @Test
  void yarnWithoutMscaleAllDimScalesSineAndCosine() {
    assertLogits(
        older("dsv3_noqlora/f32")
            .key("topk_method", "greedy")
            .key("rope_scaling.mscale", 1.0)
            .key("rope_scaling.mscale_all_dim", 0.0),
        1.65963f,
        0.08182f,
        2.08387f,
        4.21227f,
        3.73102f,
        -3.50495f,
        2.50566f,
        -1.71716f);
  }
}
