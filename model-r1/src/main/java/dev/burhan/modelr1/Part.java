package dev.burhan.modelr1;

/** The parts of the model that have weights. */
enum Part {
  EMBEDDING,
  FINAL_NORM,
  HEAD,
  ATTENTION_NORM,
  /** Query without a latent of its own. */
  QUERY,
  QUERY_DOWN,
  QUERY_NORM,
  QUERY_UP,
  /** Latent of key and value, and the key's rotated part. */
  LATENT_DOWN,
  LATENT_NORM,
  /** Each head's key and value from the latent. */
  LATENT_UP,
  /** GGUF: each head's key projection alone, transposed. */
  KEY_UP,
  /** GGUF: each head's value projection alone. */
  VALUE_UP,
  ATTENTION_OUTPUT,
  FEED_FORWARD_NORM,
  GATE,
  UP,
  DOWN,
  ROUTER,
  SHARED_GATE,
  SHARED_UP,
  SHARED_DOWN,
  EXPERTS_GATE,
  EXPERTS_UP,
  EXPERTS_DOWN,
  /** GGUF: gate and up of all experts in one tensor. */
  EXPERTS_GATE_UP,
  DRAFT_EMBEDDING,
  DRAFT_TOKEN_NORM,
  DRAFT_HIDDEN_NORM,
  /** Makes one row of a token's and a hidden one. */
  DRAFT_JOIN,
  DRAFT_FINAL_NORM,
  DRAFT_HEAD
}
