package dev.burhan.checkpoint.convert;

import dev.burhan.checkpoint.gguf.GgufOutput;
import dev.burhan.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * deepseek_v3 and deepseek_v2 as {@code deepseek2}: the projections from the latent split, the
 * key's half transposed; experts stacked; the layer that drafts behind the others.
 */
final class DeepSeekDecoder implements Family {
  private static final String PREFIX = "deepseek2.";
  private static final String ROUTER_BIAS = "mlp.gate.e_score_correction_bias";

  private final Source source;
  private final Rope rope;
  private final int layers;
  private final int drafts;
  private final int hidden;
  private final int heads;
  private final int nope;
  private final int rotated;
  private final int valueDim;
  private final int rank;
  private final Map<String, Rows> tensors = new LinkedHashMap<>();

  DeepSeekDecoder(Source source) {
    this.source = source;
    this.rope = new Rope(source);
    this.layers = source.number("num_hidden_layers");
    this.drafts = source.has(from(layers) + "eh_proj.weight") ? 1 : 0;
    this.hidden = source.number("hidden_size");
    this.heads = source.number("num_attention_heads");
    this.nope = source.number("qk_nope_head_dim");
    this.rotated = source.number("qk_rope_head_dim");
    this.valueDim = source.number("v_head_dim");
    this.rank = source.number("kv_lora_rank");
    if (!source.config().bool("rope_interleave", true)) {
      throw source.wrong("rope_interleave", "true: GGUF has no key for it", "false");
    }
    if (source.number("moe_layer_freq", 1) != 1) {
      throw source.wrong("moe_layer_freq", "1: GGUF has no key for it", "another");
    }
  }

  private static String from(int layer) {
    return "model.layers." + layer + ".";
  }

  @Override
  public String architecture() {
    return "deepseek2";
  }

  private void put(GgufOutput out, String key, Object value) {
    out.put(PREFIX + key, value);
  }

  @Override
  public void keys(GgufOutput out) {
    put(out, "block_count", layers + drafts);
    if (drafts > 0) {
      put(out, "nextn_predict_layers", drafts);
    }
    put(out, "context_length", rope.context());
    put(out, "embedding_length", hidden);
    put(out, "feed_forward_length", source.number("intermediate_size"));
    put(out, "vocab_size", source.number("vocab_size"));
    put(out, "attention.head_count", heads);
    put(out, "attention.head_count_kv", 1); // as absorbed attention has it
    put(out, "attention.layer_norm_rms_epsilon", (float) source.config().real("rms_norm_eps"));
    if (source.number("q_lora_rank", 0) > 0) {
      put(out, "attention.q_lora_rank", source.number("q_lora_rank"));
    }
    put(out, "attention.kv_lora_rank", rank);
    put(out, "attention.key_length", rank + rotated);
    put(out, "attention.value_length", rank);
    put(out, "attention.key_length_mla", nope + rotated);
    put(out, "attention.value_length_mla", valueDim);
    rope.keys(out, PREFIX, rotated);
    rope.yarnMultiplier(out, PREFIX);
    if (source.number("n_routed_experts", 0) > 0) {
      mixtureKeys(out);
    }
  }

  private void mixtureKeys(GgufOutput out) {
    boolean older = source.config().string("model_type").equals("deepseek_v2");
    String method = source.config().string("topk_method", older ? "greedy" : "noaux_tc");
    String score = source.config().string("scoring_func", older ? "softmax" : "sigmoid");
    boolean known =
        method.equals("noaux_tc") && score.equals("sigmoid")
            || method.equals("group_limited_greedy") && score.equals("softmax")
            || method.equals("greedy");
    if (!known) {
      throw source.wrong(
          "topk_method",
          "noaux_tc with sigmoid, group_limited_greedy with softmax, or greedy: GGUF can't tell others",
          method + " with " + score);
    }
    put(out, "leading_dense_block_count", source.number("first_k_dense_replace", 0));
    put(out, "expert_count", source.number("n_routed_experts"));
    put(out, "expert_used_count", source.number("num_experts_per_tok"));
    put(out, "expert_shared_count", source.number("n_shared_experts", 0));
    put(out, "expert_feed_forward_length", source.number("moe_intermediate_size"));
    boolean groups = !method.equals("greedy");
    put(out, "expert_group_count", groups ? source.number("n_group", 1) : 1);
    put(out, "expert_group_used_count", groups ? source.number("topk_group", 1) : 1);
    put(out, "expert_weights_scale", (float) source.config().real("routed_scaling_factor", 1));
    put(out, "expert_weights_norm", source.config().bool("norm_topk_prob", !older));
    put(out, "expert_gating_func", score.equals("sigmoid") ? 2 : 1);
  }

  @Override
  public Map<String, Rows> tensors() {
    int vocabulary = source.number("vocab_size");
    tensors.put("token_embd.weight", source.rows("model.embed_tokens.weight", vocabulary, hidden));
    tensors.put("output_norm.weight", source.rows("model.norm.weight", hidden));
    if (source.config().bool("tie_word_embeddings", false)) {
      source.ignore("lm_head.weight");
    } else {
      tensors.put("output.weight", source.rows("lm_head.weight", vocabulary, hidden));
    }
    for (int layer = 0; layer < layers + drafts; layer++) {
      layer(from(layer), "blk." + layer + ".");
    }
    if (drafts > 0) {
      draft(from(layers), "blk." + layers + ".nextn.");
    }
    source.refuseStrangers();
    return tensors;
  }

  private void layer(String from, String to) {
    put(from + "input_layernorm", to + "attn_norm", hidden);
    int queryRank = source.number("q_lora_rank", 0);
    int width = heads * (nope + rotated);
    if (queryRank > 0) {
      put(from + "self_attn.q_a_proj", to + "attn_q_a", queryRank, hidden);
      put(from + "self_attn.q_a_layernorm", to + "attn_q_a_norm", queryRank);
      put(from + "self_attn.q_b_proj", to + "attn_q_b", width, queryRank);
    } else {
      put(from + "self_attn.q_proj", to + "attn_q", width, hidden);
    }
    put(from + "self_attn.kv_a_proj_with_mqa", to + "attn_kv_a_mqa", rank + rotated, hidden);
    put(from + "self_attn.kv_a_layernorm", to + "attn_kv_a_norm", rank);
    latentUp(from, to);
    put(from + "self_attn.o_proj", to + "attn_output", hidden, heads * valueDim);
    put(from + "post_attention_layernorm", to + "ffn_norm", hidden);
    if (source.has(from + "mlp.gate.weight")) {
      mixture(from, to);
    } else {
      network(from + "mlp.", to, "", source.number("intermediate_size"));
    }
  }

  private void put(String from, String to, long... dims) {
    tensors.put(to + ".weight", source.rows(from + ".weight", dims));
  }

  private void latentUp(String from, String to) {
    int each = nope + valueDim;
    Rows both = source.rows(from + "self_attn.kv_b_proj.weight", (long) heads * each, rank);
    tensors.put(to + "attn_k_b.weight", Rearranged.transposedHeads(both, heads, each, nope));
    tensors.put(
        to + "attn_v_b.weight",
        Rearranged.rows(
            both,
            Shape.of(heads, valueDim, rank),
            row -> row / valueDim * each + nope + row % valueDim));
  }

  private void network(String from, String to, String suffix, int inner) {
    put(from + "gate_proj", to + "ffn_gate" + suffix, inner, hidden);
    put(from + "up_proj", to + "ffn_up" + suffix, inner, hidden);
    put(from + "down_proj", to + "ffn_down" + suffix, hidden, inner);
  }

  private void mixture(String from, String to) {
    int experts = source.number("n_routed_experts");
    int inner = source.number("moe_intermediate_size");
    put(from + "mlp.gate", to + "ffn_gate_inp", experts, hidden);
    if (source.has(from + ROUTER_BIAS)) {
      tensors.put(to + "exp_probs_b.bias", source.rows(from + ROUTER_BIAS, experts));
    }
    int shared = source.number("n_shared_experts", 0);
    if (shared > 0) {
      network(from + "mlp.shared_experts.", to, "_shexp", shared * inner);
    }
    stack(from, "gate_proj", to + "ffn_gate_exps", experts, inner, hidden);
    stack(from, "up_proj", to + "ffn_up_exps", experts, inner, hidden);
    stack(from, "down_proj", to + "ffn_down_exps", experts, hidden, inner);
  }

  private void stack(String from, String projection, String to, int experts, int rows, int cols) {
    List<Rows> parts = new ArrayList<>();
    for (int expert = 0; expert < experts; expert++) {
      String name = from + "mlp.experts." + expert + "." + projection + ".weight";
      parts.add(source.rows(name, rows, cols));
    }
    tensors.put(to + ".weight", Rearranged.stacked(parts));
  }

  private void draft(String from, String to) {
    put(from + "enorm", to + "enorm", hidden);
    put(from + "hnorm", to + "hnorm", hidden);
    put(from + "eh_proj", to + "eh_proj", hidden, 2L * hidden);
    int vocabulary = source.number("vocab_size");
    optional(from + "embed_tokens", to + "embed_tokens", vocabulary, hidden);
    optional(from + "shared_head.norm", to + "shared_head_norm", hidden);
    optional(from + "shared_head.head", to + "shared_head_head", vocabulary, hidden);
  }

  private void optional(String from, String to, long... dims) {
    if (source.has(from + ".weight")) {
      put(from, to, dims);
    }
  }
}
