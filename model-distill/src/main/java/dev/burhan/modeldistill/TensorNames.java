package dev.burhan.modeldistill;

/** How a format spells the parts' tensors. */
enum TensorNames {
  GGUF {
    @Override
    String stem(Part part, int layer) {
      String block = "blk." + layer + ".";
      return switch (part) {
        case EMBEDDING -> "token_embd";
        case ATTENTION_NORM -> block + "attn_norm";
        case QUERY -> block + "attn_q";
        case KEY -> block + "attn_k";
        case VALUE -> block + "attn_v";
        case QUERY_NORM -> block + "attn_q_norm";
        case KEY_NORM -> block + "attn_k_norm";
        case ATTENTION_OUTPUT -> block + "attn_output";
        case FEED_FORWARD_NORM -> block + "ffn_norm";
        case GATE -> block + "ffn_gate";
        case UP -> block + "ffn_up";
        case DOWN -> block + "ffn_down";
        case FINAL_NORM -> "output_norm";
        case HEAD -> "output";
      };
    }
  },
  HUGGING_FACE {
    @Override
    String stem(Part part, int layer) {
      String block = "model.layers." + layer + ".";
      return switch (part) {
        case EMBEDDING -> "model.embed_tokens";
        case ATTENTION_NORM -> block + "input_layernorm";
        case QUERY -> block + "self_attn.q_proj";
        case KEY -> block + "self_attn.k_proj";
        case VALUE -> block + "self_attn.v_proj";
        case QUERY_NORM -> block + "self_attn.q_norm";
        case KEY_NORM -> block + "self_attn.k_norm";
        case ATTENTION_OUTPUT -> block + "self_attn.o_proj";
        case FEED_FORWARD_NORM -> block + "post_attention_layernorm";
        case GATE -> block + "mlp.gate_proj";
        case UP -> block + "mlp.up_proj";
        case DOWN -> block + "mlp.down_proj";
        case FINAL_NORM -> "model.norm";
        case HEAD -> "lm_head";
      };
    }
  };

  static TensorNames of(String format) {
    return format.equals("gguf") ? GGUF : HUGGING_FACE;
  }

  /** The name without what it is of the part. */
  abstract String stem(Part part, int layer);

  /** The part's weight. */
  String name(Part part, int layer) {
    return stem(part, layer) + ".weight";
  }

  String bias(Part part, int layer) {
    return stem(part, layer) + ".bias";
  }
}
