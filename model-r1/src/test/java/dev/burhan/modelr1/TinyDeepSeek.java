package dev.burhan.modelr1;

import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The description of a model of three layers, the first dense, with an MTP layer: keys and tensors
 * to be changed as a test needs; all numbers are zero.
 */
final class TinyDeepSeek {
  static final int LAYERS = 3;
  static final int HIDDEN = 16;
  static final int HEADS = 2;
  static final int QUERY_RANK = 6;
  static final int RANK = 10;
  static final int NOPE = 4;
  static final int ROPE = 2;
  static final int VALUE = 3;
  static final int EXPERTS = 8;
  static final int INNER = 5;
  static final int VOCABULARY = 12;

  private record Described(DataType type, Shape shape) {}

  private final String format;
  private final TensorNames names;
  private final Map<String, Object> keys = new LinkedHashMap<>();
  private final Map<String, Described> tensors = new LinkedHashMap<>();

  private TinyDeepSeek(String format) {
    this.format = format;
    this.names = TensorNames.of(format);
  }

  static TinyDeepSeek huggingFace() {
    return new TinyDeepSeek("safetensors")
        .key("model_type", "deepseek_v3")
        .key("hidden_size", (long) HIDDEN)
        .key("intermediate_size", 20L)
        .key("moe_intermediate_size", (long) INNER)
        .key("num_hidden_layers", (long) LAYERS)
        .key("num_nextn_predict_layers", 1L)
        .key("first_k_dense_replace", 1L)
        .key("num_attention_heads", (long) HEADS)
        .key("q_lora_rank", (long) QUERY_RANK)
        .key("kv_lora_rank", (long) RANK)
        .key("qk_nope_head_dim", (long) NOPE)
        .key("qk_rope_head_dim", (long) ROPE)
        .key("v_head_dim", (long) VALUE)
        .key("n_routed_experts", (long) EXPERTS)
        .key("n_shared_experts", 1L)
        .key("num_experts_per_tok", 2L)
        .key("n_group", 4L)
        .key("topk_group", 2L)
        .key("norm_topk_prob", true)
        .key("routed_scaling_factor", 2.5)
        .key("scoring_func", "sigmoid")
        .key("topk_method", "noaux_tc")
        .key("vocab_size", (long) VOCABULARY)
        .key("max_position_embeddings", 64L)
        .key("rms_norm_eps", 1e-6)
        .key("rope_theta", 10_000L)
        .weights();
  }

  static TinyDeepSeek gguf() {
    return new TinyDeepSeek("gguf")
        .key("general.architecture", "deepseek2")
        .key("deepseek2.embedding_length", (long) HIDDEN)
        .key("deepseek2.feed_forward_length", 20L)
        .key("deepseek2.expert_feed_forward_length", (long) INNER)
        .key("deepseek2.block_count", LAYERS + 1L)
        .key("deepseek2.nextn_predict_layers", 1L)
        .key("deepseek2.leading_dense_block_count", 1L)
        .key("deepseek2.attention.head_count", (long) HEADS)
        .key("deepseek2.attention.q_lora_rank", (long) QUERY_RANK)
        .key("deepseek2.attention.kv_lora_rank", (long) RANK)
        .key("deepseek2.attention.key_length", (long) NOPE + ROPE)
        .key("deepseek2.attention.value_length", (long) VALUE)
        .key("deepseek2.rope.dimension_count", (long) ROPE)
        .key("deepseek2.expert_count", (long) EXPERTS)
        .key("deepseek2.expert_shared_count", 1L)
        .key("deepseek2.expert_used_count", 2L)
        .key("deepseek2.expert_weights_norm", true)
        .key("deepseek2.expert_weights_scale", 2.5)
        .key("deepseek2.context_length", 64L)
        .key("deepseek2.attention.layer_norm_rms_epsilon", 1e-6)
        .weights();
  }

  TinyDeepSeek key(String name, Object value) {
    keys.put(name, value);
    return this;
  }

  TinyDeepSeek removeKey(String name) {
    keys.remove(name);
    return this;
  }

  /** Adds a tensor, or replaces one. */
  TinyDeepSeek put(String name, DataType type, long... dims) {
    tensors.put(name, new Described(type, Shape.of(dims)));
    return this;
  }

  TinyDeepSeek put(String name, long... dims) {
    return put(name, DataType.F32, dims);
  }

  TinyDeepSeek remove(String name) {
    if (tensors.remove(name) == null) {
      throw new IllegalArgumentException(name);
    }
    return this;
  }

  private TinyDeepSeek add(Part part, int layer, long... dims) {
    return put(names.name(part, layer), dims);
  }

  private TinyDeepSeek weights() {
    add(Part.EMBEDDING, 0, VOCABULARY, HIDDEN);
    add(Part.FINAL_NORM, 0, HIDDEN);
    add(Part.HEAD, 0, VOCABULARY, HIDDEN);
    for (int layer = 0; layer <= LAYERS; layer++) {
      attention(layer);
      if (layer == 0) {
        add(Part.GATE, 0, 20, HIDDEN);
        add(Part.UP, 0, 20, HIDDEN);
        add(Part.DOWN, 0, HIDDEN, 20);
      } else {
        mixture(layer);
      }
    }
    add(Part.DRAFT_EMBEDDING, LAYERS, VOCABULARY, HIDDEN);
    add(Part.DRAFT_TOKEN_NORM, LAYERS, HIDDEN);
    add(Part.DRAFT_HIDDEN_NORM, LAYERS, HIDDEN);
    add(Part.DRAFT_JOIN, LAYERS, HIDDEN, 2 * HIDDEN);
    add(Part.DRAFT_FINAL_NORM, LAYERS, HIDDEN);
    return add(Part.DRAFT_HEAD, LAYERS, VOCABULARY, HIDDEN);
  }

  private void attention(int layer) {
    add(Part.ATTENTION_NORM, layer, HIDDEN);
    add(Part.FEED_FORWARD_NORM, layer, HIDDEN);
    add(Part.QUERY_DOWN, layer, QUERY_RANK, HIDDEN);
    add(Part.QUERY_NORM, layer, QUERY_RANK);
    add(Part.QUERY_UP, layer, HEADS * (NOPE + ROPE), QUERY_RANK);
    add(Part.LATENT_DOWN, layer, RANK + ROPE, HIDDEN);
    add(Part.LATENT_NORM, layer, RANK);
    add(Part.LATENT_UP, layer, HEADS * (NOPE + VALUE), RANK);
    add(Part.ATTENTION_OUTPUT, layer, HIDDEN, HEADS * VALUE);
  }

  private void mixture(int layer) {
    add(Part.ROUTER, layer, EXPERTS, HIDDEN);
    put(names.routerBias(layer), EXPERTS);
    add(Part.SHARED_GATE, layer, INNER, HIDDEN);
    add(Part.SHARED_UP, layer, INNER, HIDDEN);
    add(Part.SHARED_DOWN, layer, HIDDEN, INNER);
    if (format.equals("gguf")) {
      add(Part.EXPERTS_GATE, layer, EXPERTS, INNER, HIDDEN);
      add(Part.EXPERTS_UP, layer, EXPERTS, INNER, HIDDEN);
      add(Part.EXPERTS_DOWN, layer, EXPERTS, HIDDEN, INNER);
      return;
    }
    for (int expert = 0; expert < EXPERTS; expert++) {
      put(names.expert(Part.EXPERTS_GATE, layer, expert), INNER, HIDDEN);
      put(names.expert(Part.EXPERTS_UP, layer, expert), INNER, HIDDEN);
      put(names.expert(Part.EXPERTS_DOWN, layer, expert), HIDDEN, INNER);
    }
  }

  /** As a folder in FP8 is: one tensor with scales of blocks of 128 x 128. */
  TinyDeepSeek fp8(String name) {
    Shape shape = tensors.get(name).shape();
    return put(name, DataType.F8_E4M3, shape.dim(0), shape.dim(1)).put(name + "_scale_inv", 1, 1);
  }

  MemoryCheckpoint checkpoint() {
    MemoryCheckpoint checkpoint = new MemoryCheckpoint(format);
    keys.forEach(checkpoint::key);
    tensors.forEach(
        (name, tensor) ->
            checkpoint.tensor(
                name,
                tensor.type(),
                tensor.shape(),
                MemorySegment.ofArray(
                    new byte[Math.toIntExact(tensor.type().bytes(tensor.shape().elements()))])));
    return checkpoint;
  }
}
