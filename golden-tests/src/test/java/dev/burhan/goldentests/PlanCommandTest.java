package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.command.Command;
import dev.burhan.kernel.plan.PlanCommand;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code burhan plan} against numbers that are published, or counted by hand. */
class PlanCommandTest {
  private static final double GIB = 1 << 30;
  private static final long EXPERT = 3L * 7168 * 2048;

  /** config.json of DeepSeek-R1-Distill-Qwen-1.5B, as published. */
  private static final String DISTILL =
      """
      {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_act": "silu",
       "hidden_size": 1536, "intermediate_size": 8960, "max_position_embeddings": 131072,
       "num_attention_heads": 12, "num_hidden_layers": 28, "num_key_value_heads": 2,
       "rms_norm_eps": 1e-06, "rope_theta": 10000, "tie_word_embeddings": false,
       "use_sliding_window": false, "vocab_size": 151936}
      """;

  @TempDir Path scratch;

  private static String text(String... words) throws Exception {
    RecordedIo io = new RecordedIo();
    List<String> all = new ArrayList<>(List.of(words));
    all.add("bandwidth=30GB");
    all.add("backend=oracle");
    assertEquals(
        Command.DONE,
        new PlanCommand()
            .run(RecordedIo.arguments(all.toArray(String[]::new)), io, new FlatHost()));
    return io.output();
  }

  private static JsonNode plan(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--json");
    return new com.fasterxml.jackson.databind.ObjectMapper()
        .readTree(text(all.toArray(String[]::new)));
  }

  /** DeepSeek-V3's report: 61 layers, 671B parameters, 37B activated; the cache is arithmetic. */
  @Test
  void deepSeekR1sNumbersAreThePublishedOnes() throws Exception {
    JsonNode plan =
        plan("model=r1-671b", "quant=FP8", "context=32768", "kv-type=bf16", "memory=64G");
    assertEquals(61, plan.get("layers").asInt());
    assertEquals(671.0e9, plan.get("parameters").asDouble(), 0.05e9);
    assertEquals(37e9, plan.get("active_parameters").asDouble(), 1e9);
    assertEquals(61 * 576 * 2, plan.get("kv_bytes_per_token").asInt());
    assertEquals(2.14, plan.get("kv_bytes").asDouble() / GIB, 0.005);
    assertEquals(58 * 256, plan.get("experts").asInt());
  }

  @Test
  void fp8HasAScaleForEachBlock() throws Exception {
    JsonNode plan = plan("model=r1-671b", "quant=FP8", "memory=64G");
    long scales = 4L * 3 * 56 * 16; // of 128 x 128, in one expert's three matrices
    assertEquals(58L * 256 * (EXPERT + scales), plan.get("expert_bytes").asLong());
  }

  @Test
  void aTokenReadsEightExpertsOfEachLayer() throws Exception {
    JsonNode plan = plan("model=r1-671b", "quant=Q4_K", "memory=64G");
    double expert = EXPERT * 4.5 / 8;
    assertEquals(58 * 256 * expert, plan.get("expert_bytes").asDouble(), 1);
    double common = plan.get("common_bytes").asDouble();
    double embedding = 129_280 * 7168 * 4.5 / 8;
    double read = common - embedding + 7168 * 4.5 / 8 + 58 * 8 * expert;
    assertEquals(read, plan.get("weight_bytes_read_per_token").asDouble(), 1);
  }

  /** 64 GiB hold a part of the experts only: the rest is read from the disk. */
  @Test
  void whatDoesNotFitIsANoWithWhatDoes() throws Exception {
    JsonNode plan = plan("model=r1-671b", "quant=Q4_K", "context=4096", "memory=64G", "disk=3GB");
    assertFalse(plan.get("fits").asBoolean());
    assertEquals("disk", plan.get("way").asText());
    int resident = plan.get("resident_experts").asInt();
    double needed =
        plan.get("common_bytes").asDouble()
            + plan.get("kv_bytes").asDouble()
            + plan.get("scratch_bytes").asDouble()
            + plan.get("jvm_bytes").asDouble();
    double expert = EXPERT * 4.5 / 8;
    assertTrue(needed + resident * expert <= 64 * GIB);
    assertTrue(needed + (resident + 1) * expert > 64 * GIB);
    double missed = 58 * 8 * expert * (1 - resident / (58.0 * 256));
    double seconds = plan.get("weight_bytes_read_per_token").asDouble() / 30e9 + missed / 3e9;
    assertEquals(1 / seconds, plan.get("tokens_per_second_bound").asDouble(), 1e-6);
    JsonNode fastest = plan.get("nearest").get(0);
    assertEquals("IQ1_S", fastest.get("quantisation").asText());
    assertTrue(fastest.get("tokens_per_second_bound").asDouble() > 1 / seconds);
    assertTrue(plan.get("least").isNull());
  }

  @Test
  void aSmallerTypeIsSuggestedWhereOneFitsInMemory() throws Exception {
    JsonNode plan = plan("model=r1-671b", "quant=Q8_0", "context=4096", "memory=400G");
    JsonNode nearest = plan.get("nearest").get(0);
    assertEquals("memory", nearest.get("way").asText());
    assertEquals("Q4_K_M", nearest.get("quantisation").asText());
    assertTrue(nearest.get("memory_needed").asDouble() <= 400 * GIB);
  }

  /** Bartowski's and Unsloth's Q4_K_M of R1 is 404 GB. */
  @Test
  void aMixtureIsAsLargeAsPublishedFiles() throws Exception {
    JsonNode plan = plan("model=r1-671b", "quant=Q4_K_M", "memory=1000G");
    assertEquals(404e9, plan.get("weight_bytes").asDouble(), 4e9);
    assertTrue(plan.get("fits").asBoolean());
    assertEquals(0, plan.get("nearest").size());
  }

  @Test
  void aShorterContextIsSuggestedWhereThatIsEnough() throws Exception {
    Path config = Files.writeString(scratch.resolve("config.json"), DISTILL);
    JsonNode plan =
        plan("model=" + config, "quant=Q8_0", "context=131072", "memory=6G", "kv-type=f32");
    assertFalse(plan.get("fits").asBoolean());
    assertEquals(2L * 2 * 128 * 28 * 4, plan.get("kv_bytes_per_token").asLong());
    boolean shorter = false;
    for (JsonNode one : plan.get("nearest")) {
      assertTrue(one.get("memory_needed").asDouble() <= 6 * GIB);
      shorter |= one.get("context").asInt() < 131_072 && one.get("context").asInt() > 16_384;
    }
    assertTrue(shorter, plan.get("nearest").toString());
  }

  @Test
  void aDistillIsPlannedFromItsConfiguration() throws Exception {
    Path config = Files.writeString(scratch.resolve("config.json"), DISTILL);
    JsonNode plan = plan("model=" + config, "quant=BF16", "memory=16G");
    assertEquals(1_777_088_000L, plan.get("parameters").asLong());
    assertTrue(plan.get("fits").asBoolean());
  }

  @Test
  void nothingFitsIsSaidWithTheLeast() throws Exception {
    String text = text("model=r1-671b", "quant=Q4_K", "memory=4G");
    assertTrue(text.contains("no: it lacks"), text);
    assertTrue(text.contains("nothing fits: the least is IQ1_S"), text);
  }

  @Test
  void weightsAtHandAreCountedAsTheyAre() throws Exception {
    Path folder = References.folder().resolve("models/dsv3_fp8/fp8");
    JsonNode plan = plan("model=" + folder, "memory=1G", "context=1024");
    assertEquals("as stored", plan.get("quantisation").asText());
    long file = Files.size(folder.resolve("model.safetensors"));
    double share = plan.get("weight_bytes").asDouble() / file; // the file has the draft's as well
    assertTrue(share > 0.4 && share < 1, "share " + share);
    assertTrue(plan.get("weight_bytes_held").asDouble() > plan.get("weight_bytes").asDouble());
  }

  @Test
  void wrongOptionsAreNamed() {
    for (String wrong :
        List.of(
            "quant=Q9",
            "memory=much",
            "kv-type=q4",
            "context=1000000",
            "disk=0",
            "model=nothing")) {
      UsageException error =
          assertThrows(
              UsageException.class, () -> plan("model=r1-671b", "memory=64G", wrong), wrong);
      assertTrue(error.getMessage().contains(wrong.split("=")[0]), error.getMessage());
    }
  }
}
