package dev.burhan.modelr1;

/** How a format spells the parts' tensors. */
enum TensorNames {
  GGUF {
    @Override
    String name(Part part, int layer) {
      return stem(part, layer) + ".weight";
    }

    private static String stem(Part part, int layer) {
      String block = prefix(layer);
      return switch (part) {
        case EMBEDDING -> "token_embd";
        case FINAL_NORM -> "output_norm";
        case HEAD -> "output";
        case ATTENTION_NORM -> block + "attn_norm";
        case QUERY -> block + "attn_q";
        case QUERY_DOWN -> block + "attn_q_a";
        case QUERY_NORM -> block + "attn_q_a_norm";
        case QUERY_UP -> block + "attn_q_b";
        case LATENT_DOWN -> block + "attn_kv_a_mqa";
        case LATENT_NORM -> block + "attn_kv_a_norm";
        case LATENT_UP -> block + "attn_kv_b";
        case KEY_UP -> block + "attn_k_b";
        case VALUE_UP -> block + "attn_v_b";
        case ATTENTION_OUTPUT -> block + "attn_output";
        case FEED_FORWARD_NORM -> block + "ffn_norm";
        case GATE -> block + "ffn_gate";
        case UP -> block + "ffn_up";
        case DOWN -> block + "ffn_down";
        case ROUTER -> block + "ffn_gate_inp";
        case SHARED_GATE -> block + "ffn_gate_shexp";
        case SHARED_UP -> block + "ffn_up_shexp";
        case SHARED_DOWN -> block + "ffn_down_shexp";
        case EXPERTS_GATE -> block + "ffn_gate_exps";
        case EXPERTS_UP -> block + "ffn_up_exps";
        case EXPERTS_DOWN -> block + "ffn_down_exps";
        case EXPERTS_GATE_UP -> block + "ffn_gate_up_exps";
        case DRAFT_EMBEDDING -> block + "nextn.embed_tokens";
        case DRAFT_TOKEN_NORM -> block + "nextn.enorm";
        case DRAFT_HIDDEN_NORM -> block + "nextn.hnorm";
        case DRAFT_JOIN -> block + "nextn.eh_proj";
        case DRAFT_FINAL_NORM -> block + "nextn.shared_head_norm";
        case DRAFT_HEAD -> block + "nextn.shared_head_head";
      };
    }

    private static String prefix(int layer) {
      return "blk." + layer + ".";
    }

    @Override
    String block(int layer) {
      return prefix(layer);
    }

    @Override
    String routerBias(int layer) {
      return prefix(layer) + "exp_probs_b.bias";
    }

    @Override
    String expert(Part part, int layer, int expert) {
      throw new IllegalStateException("GGUF has all experts in one tensor");
    }
  },

  HUGGING_FACE {
    @Override
    String name(Part part, int layer) {
      return stem(part, layer) + ".weight";
    }

    private static String stem(Part part, int layer) {
      String block = prefix(layer);
      return switch (part) {
        case EMBEDDING -> "model.embed_tokens";
        case FINAL_NORM -> "model.norm";
        case HEAD -> "lm_head";
        case ATTENTION_NORM -> block + "input_layernorm";
        case QUERY -> block + "self_attn.q_proj";
        case QUERY_DOWN -> block + "self_attn.q_a_proj";
        case QUERY_NORM -> block + "self_attn.q_a_layernorm";
        case QUERY_UP -> block + "self_attn.q_b_proj";
        case LATENT_DOWN -> block + "self_attn.kv_a_proj_with_mqa";
        case LATENT_NORM -> block + "self_attn.kv_a_layernorm";
        case LATENT_UP -> block + "self_attn.kv_b_proj";
        case KEY_UP -> block + "self_attn.k_b_proj";
        case VALUE_UP -> block + "self_attn.v_b_proj";
        case ATTENTION_OUTPUT -> block + "self_attn.o_proj";
        case FEED_FORWARD_NORM -> block + "post_attention_layernorm";
        case GATE -> block + "mlp.gate_proj";
        case UP -> block + "mlp.up_proj";
        case DOWN -> block + "mlp.down_proj";
        case ROUTER -> block + "mlp.gate";
        case SHARED_GATE -> block + "mlp.shared_experts.gate_proj";
        case SHARED_UP -> block + "mlp.shared_experts.up_proj";
        case SHARED_DOWN -> block + "mlp.shared_experts.down_proj";
        case EXPERTS_GATE -> block + "mlp.experts.gate_proj";
        case EXPERTS_UP -> block + "mlp.experts.up_proj";
        case EXPERTS_DOWN -> block + "mlp.experts.down_proj";
        case EXPERTS_GATE_UP -> block + "mlp.experts.gate_up_proj";
        case DRAFT_EMBEDDING -> block + "embed_tokens";
        case DRAFT_TOKEN_NORM -> block + "enorm";
        case DRAFT_HIDDEN_NORM -> block + "hnorm";
        case DRAFT_JOIN -> block + "eh_proj";
        case DRAFT_FINAL_NORM -> block + "shared_head.norm";
        case DRAFT_HEAD -> block + "shared_head.head";
      };
    }

    private static String prefix(int layer) {
      return "model.layers." + layer + ".";
    }

    @Override
    String block(int layer) {
      return prefix(layer);
    }

    @Override
    String routerBias(int layer) {
      return prefix(layer) + "mlp.gate.e_score_correction_bias";
    }

    @Override
    String expert(Part part, int layer, int expert) {
      String projection =
          switch (part) {
            case EXPERTS_GATE -> "gate_proj";
            case EXPERTS_UP -> "up_proj";
            case EXPERTS_DOWN -> "down_proj";
            default -> throw new IllegalArgumentException(part + " is no part of an expert");
          };
      return prefix(layer) + "mlp.experts." + expert + "." + projection + ".weight";
    }
  };

  static TensorNames of(String format) {
    return format.equals("gguf") ? GGUF : HUGGING_FACE;
  }

  /** The part's weight. */
  abstract String name(Part part, int layer);

  /** What the names of a layer's tensors begin with. */
  abstract String block(int layer);

  /** The bias for choosing experts. */
  abstract String routerBias(int layer);

  /** One expert's weight, where each has a tensor of its own. */
  abstract String expert(Part part, int layer, int expert);
}
