package dev.burhan.modeldistill;

/** The parts of a decoder that have weights. */
enum Part {
  EMBEDDING,
  ATTENTION_NORM,
  QUERY,
  KEY,
  VALUE,
  QUERY_NORM,
  KEY_NORM,
  ATTENTION_OUTPUT,
  FEED_FORWARD_NORM,
  GATE,
  UP,
  DOWN,
  FINAL_NORM,
  HEAD
}
