package dev.burhan.checkpoint.convert;

import dev.burhan.checkpoint.gguf.GgufOutput;
import java.util.LinkedHashMap;
import java.util.Map;

/** qwen2 and llama: grouped-query attention and a SwiGLU network. */
final class PlainDecoder implements Family {
  private final Source source;
  private final String architecture;
  private final Rope rope;
  private final int layers;
  private final int hidden;
  private final int heads;
  private final int kvHeads;
  private final int headDim;
  private final Map<String, Rows> tensors = new LinkedHashMap<>();

  PlainDecoder(Source source, String architecture) {
    this.source = source;
    this.architecture = architecture;
    this.rope = new Rope(source);
    this.layers = source.number("num_hidden_layers");
    this.hidden = source.number("hidden_size");
    this.heads = source.number("num_attention_heads");
    this.kvHeads = source.number("num_key_value_heads", heads);
    this.headDim = source.number("head_dim", heads == 0 ? 0 : hidden / heads);
    if (heads < 1 || kvHeads < 1 || headDim < 2 || headDim % 2 != 0) {
      throw source.wrong("num_attention_heads", "heads of an even width", heads + " of " + headDim);
    }
    if (source.config().bool("use_sliding_window", false)) {
      throw source.wrong("use_sliding_window", "false: GGUF has no key for it", "true");
    }
  }

  @Override
  public String architecture() {
    return architecture;
  }

  @Override
  public void keys(GgufOutput out) {
    String prefix = architecture + ".";
    out.put(prefix + "block_count", layers);
    out.put(prefix + "context_length", rope.context());
    out.put(prefix + "embedding_length", hidden);
    out.put(prefix + "feed_forward_length", source.number("intermediate_size"));
    out.put(prefix + "attention.head_count", heads);
    out.put(prefix + "attention.head_count_kv", kvHeads);
    out.put(prefix + "attention.key_length", headDim);
    out.put(prefix + "attention.value_length", headDim);
    out.put(
        prefix + "attention.layer_norm_rms_epsilon", (float) source.config().real("rms_norm_eps"));
    out.put(prefix + "vocab_size", source.number("vocab_size"));
    rope.keys(out, prefix, headDim);
  }

  @Override
  public Map<String, Rows> tensors() {
    int vocabulary = source.number("vocab_size");
    tensors.put("token_embd.weight", source.rows("model.embed_tokens.weight", vocabulary, hidden));
    tensors.put("output_norm.weight", source.rows("model.norm.weight", hidden));
    if (source.config().bool("tie_word_embeddings", false)) {
      source.ignore("lm_head.weight"); // some folders hold a copy
    } else {
      tensors.put("output.weight", source.rows("lm_head.weight", vocabulary, hidden));
    }
    rope.factors(headDim).ifPresent(rows -> tensors.put("rope_freqs.weight", rows));
    for (int layer = 0; layer < layers; layer++) {
      layer("model.layers." + layer + ".", "blk." + layer + ".");
    }
    source.refuseStrangers();
    return tensors;
  }

  private void layer(String from, String to) {
    int inner = source.number("intermediate_size");
    vector(from + "input_layernorm", to + "attn_norm");
    rotated(from + "self_attn.q_proj", to + "attn_q", heads);
    rotated(from + "self_attn.k_proj", to + "attn_k", kvHeads);
    matrix(from + "self_attn.v_proj", to + "attn_v", kvHeads * headDim, hidden);
    matrix(from + "self_attn.o_proj", to + "attn_output", hidden, heads * headDim);
    vector(from + "post_attention_layernorm", to + "ffn_norm");
    matrix(from + "mlp.gate_proj", to + "ffn_gate", inner, hidden);
    matrix(from + "mlp.up_proj", to + "ffn_up", inner, hidden);
    matrix(from + "mlp.down_proj", to + "ffn_down", hidden, inner);
  }

  private void vector(String from, String to) {
    tensors.put(to + ".weight", source.rows(from + ".weight", hidden));
  }

  private void matrix(String from, String to, int rows, int cols) {
    tensors.put(to + ".weight", source.rows(from + ".weight", rows, cols));
    if (source.has(from + ".bias")) {
      tensors.put(to + ".bias", source.rows(from + ".bias", rows));
    }
  }

  /** llama's files have the rows in another order than its folders; qwen2's have not. */
  private void rotated(String from, String to, int count) {
    matrix(from, to, count * headDim, hidden);
    if (architecture.equals("llama")) {
      tensors.computeIfPresent(to + ".weight", (_, rows) -> Rearranged.permuted(rows, count));
      tensors.computeIfPresent(to + ".bias", (_, rows) -> Rearranged.permuted(rows, count));
    }
  }
}
