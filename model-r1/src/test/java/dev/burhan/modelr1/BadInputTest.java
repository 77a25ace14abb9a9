package dev.burhan.modelr1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.tensor.DataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A wrong checkpoint is told in one line that names the key or tensor, and what to do. */
class BadInputTest {

  private static void assertRefused(TinyDeepSeek tiny, String... parts) {
    String message =
        assertThrows(CheckpointException.class, () -> new DeepSeek().graph(tiny.checkpoint()))
            .getMessage();
    assertEquals(1, message.lines().count(), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message + " should say: " + part);
    }
  }

  private static TinyDeepSeek folder() {
    return TinyDeepSeek.huggingFace();
  }

  private static TinyDeepSeek file() {
    return TinyDeepSeek.gguf();
  }

  @Test
  void aMissingExpert() {
    assertRefused(
        folder().remove("model.layers.2.mlp.experts.5.down_proj.weight"),
        "model.layers.2.mlp.experts.5.down_proj.weight",
        "8 experts of layer 2",
        "number 5",
        "shard");
    assertRefused(file().remove("blk.1.ffn_up_exps.weight"), "blk.1.ffn_up_exps.weight");
  }

  @Test
  void anExpertTooMany() {
    assertRefused(
        folder().put("model.layers.2.mlp.experts.8.down_proj.weight", 16, 5),
        "model.layers.2.mlp.experts.8.down_proj.weight",
        "no part of",
        "deepseek_v3");
    assertRefused(
        file().put("blk.1.ffn_up_exps.weight", 9, 5, 16),
        "blk.1.ffn_up_exps.weight",
        "(9, 5, 16)",
        "(8, 5, 16)");
  }

  @Test
  void expertsOfDifferentTypes() {
    assertRefused(
        folder().put("model.layers.1.mlp.experts.3.up_proj.weight", DataType.BF16, 5, 16),
        "experts.3.up_proj.weight' is BF16",
        "experts.0.up_proj.weight' is F32",
        "one type");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "n_group | 3 | divisor of the number of experts, 8",
        "n_group | 0 | divisor",
        "topk_group | 5 | number of groups, 4",
        "topk_group | 0 | from 1",
        "num_experts_per_tok | 5 | groups kept, 4",
        "num_experts_per_tok | 0 | from 1",
        "n_shared_experts | 65536 | model.layers.1.mlp.shared_experts.gate_proj.weight",
        "num_hidden_layers | 0 | 1",
        "qk_rope_head_dim | 3 | even",
        "kv_lora_rank | 0 | 1",
        "num_nextn_predict_layers | -1 | 0",
        "moe_layer_freq | 0 | 1",
        "rms_norm_eps | 0 | between 0 and 1",
        "rope_theta | -1 | positive",
        "q_lora_rank | 5 | q_a_proj.weight"
      })
  void numbersThatNoModelHas(String key, long value, String says) {
    assertRefused(
        folder().key(key, value),
        "memory",
        says.startsWith("model.") || says.contains("proj") ? says : key,
        says);
  }

  @Test
  void headsThatOverflow() {
    assertRefused(
        folder().key("num_attention_heads", 65_536L).key("qk_nope_head_dim", 65_536L),
        "num_attention_heads",
        "65536 heads");
  }

  @ParameterizedTest
  @CsvSource({
    "hidden_act, gelu, silu",
    "quantization_config.quant_method, awq, GGUF",
    "quantization_config.fmt, e5m2, e4m3",
    "scoring_func, relu, sigmoid",
    "topk_method, random, noaux_tc",
    "rope_scaling.type, longrope, yarn",
    "rope_scaling.rope_type, dynamic, yarn",
    "rope_parameters.rope_type, llama3, default"
  })
  void unknownWords(String key, String value, String remedy) {
    assertRefused(folder().key(key, value), "memory", key, "'" + value + "'", remedy);
  }

  @Test
  void biasesOfAttention() {
    assertRefused(folder().key("attention_bias", true), "attention_bias", "false");
  }

  @Test
  void aMeaningThatIsNotAgreedOn() {
    TinyDeepSeek tiny = folder().key("model_type", "deepseek_v2").key("topk_method", "greedy");
    assertRefused(tiny, "routed_scaling_factor", "norm_topk_prob");
  }

  @Test
  void scalesOfAnotherShape() {
    String name = "model.layers.1.self_attn.q_a_proj.weight";
    assertRefused(
        folder().fp8(name).put(name + "_scale_inv", 2, 1),
        name + "_scale_inv",
        "(2, 1)",
        "expected (1, 1)",
        "128 x 128",
        "weight_block_size");
    String expert = "model.layers.1.mlp.experts.4.gate_proj.weight";
    TinyDeepSeek experts = folder();
    for (int e = 0; e < TinyDeepSeek.EXPERTS; e++) {
      experts.fp8(expert.replace(".4.", "." + e + "."));
    }
    assertRefused(experts.put(expert + "_scale_inv", 1, 2), expert + "_scale_inv", "(1, 2)");
  }

  @Test
  void scalesThatAreMissingOrNotWanted() {
    String name = "model.layers.1.self_attn.o_proj.weight";
    assertRefused(
        folder().put(name, DataType.F8_E4M3, 16, 6), name, "F8_E4M3", name + "_scale_inv");
    assertRefused(folder().put(name + "_scale_inv", 1, 1), name, "F32", "only F8_E4M3");
    assertRefused(
        folder().put("model.layers.0.input_layernorm.weight", DataType.F8_E4M3, 16),
        "model.layers.0.input_layernorm.weight",
        "without scales");
  }

  @Test
  void blocksOfNoSize() {
    assertRefused(
        folder().key("quantization_config.weight_block_size", new long[] {128, 0}),
        "quantization_config.weight_block_size",
        "[128, 128]");
  }

  @Test
  void integersWhereWeightsShouldBe() {
    assertRefused(
        folder().put("model.layers.1.self_attn.o_proj.weight", DataType.I8, 16, 6),
        "model.layers.1.self_attn.o_proj.weight",
        "I8",
        "floating point");
  }

  @Test
  void aBiasForChoosingThatIsNotThere() {
    assertRefused(
        folder().remove("model.layers.1.mlp.gate.e_score_correction_bias"),
        "model.layers.1.mlp.gate.e_score_correction_bias");
  }

  @Test
  void partOfTheLayerThatDrafts() {
    assertRefused(
        folder().remove("model.layers.3.eh_proj.weight"), "model.layers.3.eh_proj.weight");
    assertRefused(folder().remove("model.layers.3.hnorm.weight"), "model.layers.3.hnorm.weight");
  }

  @Test
  void moreLayersThanTheConfigurationTells() {
    assertRefused(folder().key("num_hidden_layers", 2L), "model.layers.2.eh_proj.weight");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "expert_group_count | 3 | divisor",
        "expert_group_used_count | 2 | number of groups, 1",
        "expert_used_count | 9 | from 1 to",
        "expert_gating_func | 7 | sigmoid",
        "attention.key_length | 2 | rotated",
        "rope.dimension_count | 3 | even",
        "nextn_predict_layers | 4 | 3",
        "rope.scaling.attn_factor | 2 | 1.0",
        "rope.scaling.yarn_attn_factor | 2 | 1.0",
        "attention.sliding_window | 8 | 0.0"
      })
  void ggufKeysThatNoModelHas(String suffix, long value, String says) {
    assertRefused(file().key("deepseek2." + suffix, value), "memory", "deepseek2." + suffix, says);
  }

  @Test
  void unknownScalingInGguf() {
    assertRefused(
        file().key("deepseek2.rope.scaling.type", "longrope"),
        "deepseek2.rope.scaling.type",
        "'longrope'",
        "yarn");
  }

  @Test
  void aHalfOfTheLatentsProjection() {
    TinyDeepSeek tiny =
        file().remove("blk.0.attn_kv_b.weight").put("blk.0.attn_k_b.weight", 2, 10, 4);
    assertRefused(tiny, "blk.0.attn_v_b.weight");
    assertRefused(
        tiny.put("blk.0.attn_v_b.weight", 2, 10, 3),
        "blk.0.attn_v_b.weight",
        "(2, 10, 3)",
        "(2, 3, 10)");
  }

  @Test
  void rotarySettingsThatGiveNoNumbers() {
    TinyDeepSeek tiny =
        folder()
            .key("rope_scaling.type", "yarn")
            .key("rope_scaling.factor", 4.0)
            .key("rope_scaling.mscale", 1e300)
            .key("rope_scaling.original_max_position_embeddings", 64L);
    assertRefused(tiny, "rope_scaling", "factors are numbers");
  }

  /** A configuration alone must not make a graph that no memory holds. */
  @Test
  void moreExpertsThanAnyFolderHas() {
    TinyDeepSeek many = folder().key("num_hidden_layers", 10_000L).key("n_routed_experts", 65_536L);
    assertRefused(many, "num_hidden_layers", "65536 experts");
    assertRefused(
        folder().key("n_routed_experts", 65_536L).key("moe_intermediate_size", 1L << 24),
        "n_routed_experts",
        "width 16777216");
  }

  @Test
  void longTextsOfTheFileAreCut() {
    assertRefused(folder().key("topk_method", "x\n".repeat(9_000)), "topk_method", "...");
  }
}
