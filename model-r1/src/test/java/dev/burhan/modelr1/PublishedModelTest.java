package dev.burhan.modelr1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.model.ModelGraph;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DeepSeek-R1 itself, from the config.json that it is published with, without its 671B weights. */
class PublishedModelTest {

  private static MemoryCheckpoint config() {
    return new MemoryCheckpoint("safetensors")
        .key("model_type", "deepseek_v3")
        .key("attention_bias", false)
        .key("first_k_dense_replace", 3L)
        .key("hidden_act", "silu")
        .key("hidden_size", 7168L)
        .key("intermediate_size", 18_432L)
        .key("kv_lora_rank", 512L)
        .key("max_position_embeddings", 163_840L)
        .key("moe_intermediate_size", 2048L)
        .key("moe_layer_freq", 1L)
        .key("n_group", 8L)
        .key("n_routed_experts", 256L)
        .key("n_shared_experts", 1L)
        .key("norm_topk_prob", true)
        .key("num_attention_heads", 128L)
        .key("num_experts_per_tok", 8L)
        .key("num_hidden_layers", 61L)
        .key("num_key_value_heads", 128L)
        .key("num_nextn_predict_layers", 1L)
        .key("q_lora_rank", 1536L)
        .key("qk_nope_head_dim", 128L)
        .key("qk_rope_head_dim", 64L)
        .key("quantization_config.quant_method", "fp8")
        .key("quantization_config.fmt", "e4m3")
        .key("quantization_config.weight_block_size", new long[] {128, 128})
        .key("rms_norm_eps", 1e-6)
        .key("rope_scaling.beta_fast", 32L)
        .key("rope_scaling.beta_slow", 1L)
        .key("rope_scaling.factor", 40L)
        .key("rope_scaling.mscale", 1.0)
        .key("rope_scaling.mscale_all_dim", 1.0)
        .key("rope_scaling.original_max_position_embeddings", 4096L)
        .key("rope_scaling.type", "yarn")
        .key("rope_theta", 10_000L)
        .key("routed_scaling_factor", 2.5)
        .key("scoring_func", "sigmoid")
        .key("tie_word_embeddings", false)
        .key("topk_group", 4L)
        .key("topk_method", "noaux_tc")
        .key("v_head_dim", 128L)
        .key("vocab_size", 129_280L);
  }

  private static ModelGraph outline(String type) {
    return new DeepSeek().outline(config(), DataType.named(type).orElseThrow()).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"F8_E4M3", "BF16", "Q4_K", "Q8_0"})
  void itsWeightsAreCountedByHand(String type) {
    ModelGraph model = outline(type);
    long attention = 7168L * 1536 + 1536 + 1536L * 128 * 192 + 7168L * 576 + 512;
    attention += 512L * 128 * 256 + 128L * 128 * 7168;
    long norms = 2 * 7168;
    long dense = 3L * 7168 * 18_432;
    long mixture = 257L * 3 * 7168 * 2048 + 256L * 7168 + 256;
    long ends = 2L * 129_280 * 7168 + 7168;
    assertEquals(
        61 * (attention + norms) + 3 * dense + 58 * mixture + ends, model.info().parameters());
    assertEquals(671_026_419_200L, model.info().parameters());
    assertEquals(163_840, model.info().context());
    assertEquals(61, model.info().layers());
  }

  /** "37B activated for each token" (DeepSeek-V3, abstract), with embedding and head. */
  @Test
  void aTokenUses37BillionWeights() {
    double active = 0;
    for (Node node : outline("BF16").graph().nodes()) {
      for (Weight weight : Weights.of(node.op())) {
        double share = weight.use() == Weight.Use.EXPERTS ? 8.0 / 256 : 1;
        active += weight.shape().elements() * share;
      }
    }
    assertEquals(37.5e9, active, 0.5e9);
  }

  /** 2.14 GiB in 16 bits at 32,768 tokens. */
  @Test
  void itsCacheHolds576NumbersATokenAndLayer() {
    Graph graph = outline("BF16").graph();
    long numbers =
        graph.caches().stream()
            .flatMap(cache -> cache.planes().stream())
            .mapToLong(plane -> plane.numbers())
            .sum();
    assertEquals(61 * 576, numbers);
    assertEquals(2.14, numbers * 2.0 * 32_768 / (1 << 30), 0.005);
  }

  @Test
  void itsExpertsAreWhatTheirTypeSays() {
    Op.Experts quantised =
        outline("Q4_K").graph().nodes().stream()
            .map(Node::op)
            .filter(Op.Experts.class::isInstance)
            .map(Op.Experts.class::cast)
            .findFirst()
            .orElseThrow();
    assertEquals(DataType.Q4_K, quantised.down().type());
    assertEquals(Shape.of(256, 7168, 2048), quantised.down().shape());
    boolean scaled =
        outline("F8_E4M3").graph().weights().stream()
            .filter(weight -> weight.use() == Weight.Use.EXPERTS)
            .allMatch(weight -> weight.source() instanceof Source.BlockScaled);
    assertTrue(scaled);
  }

  @Test
  void itsDraftIsThereAndNoTensorIsLookedAt() {
    MemoryCheckpoint config = config();
    ModelGraph model = new DeepSeek().outline(config, DataType.BF16).orElseThrow();
    assertTrue(model.draft().isPresent());
    assertFalse(config.wasRead());
    config.key("num_nextn_predict_layers", 0L);
    assertTrue(new DeepSeek().outline(config, DataType.BF16).orElseThrow().draft().isEmpty());
  }
}
