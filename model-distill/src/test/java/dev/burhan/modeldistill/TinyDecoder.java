package dev.burhan.modeldistill;

import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A decoder of two layers whose weights are a formula, {@code base + 0.4 sin(0.7 i + seed)}, so
 * that another implementation can have the same ones; as a Hugging Face folder and as GGUF.
 */
final class TinyDecoder {
  static final int HIDDEN = 8;
  static final int INNER = 12;
  static final int HEADS = 2;
  static final int HEAD_DIM = 6;
  static final int VOCABULARY = 10;
  static final int LAYERS = 2;

  /** The metadata; change it as a test needs. */
  final Map<String, Object> keys = new LinkedHashMap<>();

  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final Map<String, float[]> tensors = new LinkedHashMap<>();
  private final String format;
  private final TensorNames names;

  private TinyDecoder(String format) {
    this.format = format;
    this.names = TensorNames.of(format);
  }

  static TinyDecoder huggingFace(String architecture, boolean queryKeyNorm) {
    TinyDecoder tiny = new TinyDecoder("safetensors");
    tiny.keys.put("model_type", architecture);
    tiny.keys.put("hidden_size", (long) HIDDEN);
    tiny.keys.put("intermediate_size", (long) INNER);
    tiny.keys.put("num_hidden_layers", (long) LAYERS);
    tiny.keys.put("num_attention_heads", (long) HEADS);
    tiny.keys.put("num_key_value_heads", 1L);
    tiny.keys.put("head_dim", (long) HEAD_DIM);
    tiny.keys.put("vocab_size", (long) VOCABULARY);
    tiny.keys.put("max_position_embeddings", 64L);
    tiny.keys.put("rms_norm_eps", 1e-6);
    tiny.keys.put("hidden_act", "silu");
    tiny.weights(queryKeyNorm);
    return tiny;
  }

  static TinyDecoder gguf(String architecture, boolean queryKeyNorm) {
    TinyDecoder tiny = new TinyDecoder("gguf");
    String prefix = architecture + ".";
    tiny.keys.put("general.architecture", architecture);
    tiny.keys.put("general.name", "Tiny");
    tiny.keys.put(prefix + "embedding_length", (long) HIDDEN);
    tiny.keys.put(prefix + "feed_forward_length", (long) INNER);
    tiny.keys.put(prefix + "block_count", (long) LAYERS);
    tiny.keys.put(prefix + "attention.head_count", (long) HEADS);
    tiny.keys.put(prefix + "attention.head_count_kv", 1L);
    tiny.keys.put(prefix + "attention.key_length", (long) HEAD_DIM);
    tiny.keys.put(prefix + "attention.value_length", (long) HEAD_DIM);
    tiny.keys.put(prefix + "attention.layer_norm_rms_epsilon", 1e-6);
    tiny.keys.put(prefix + "context_length", 64L);
    tiny.weights(queryKeyNorm);
    return tiny;
  }

  private void weights(boolean queryKeyNorm) {
    add(Part.EMBEDDING, 0, 1, 0, VOCABULARY, HIDDEN);
    add(Part.FINAL_NORM, 0, 2, 1, HIDDEN);
    add(Part.HEAD, 0, 3, 0, VOCABULARY, HIDDEN);
    for (int layer = 0; layer < LAYERS; layer++) {
      double seed = 10 * (layer + 1);
      add(Part.ATTENTION_NORM, layer, seed, 1, HIDDEN);
      add(Part.FEED_FORWARD_NORM, layer, seed + 1, 1, HIDDEN);
      add(Part.QUERY, layer, seed + 2, 0, HEADS * HEAD_DIM, HIDDEN);
      add(Part.KEY, layer, seed + 3, 0, HEAD_DIM, HIDDEN);
      add(Part.VALUE, layer, seed + 4, 0, HEAD_DIM, HIDDEN);
      add(Part.ATTENTION_OUTPUT, layer, seed + 5, 0, HIDDEN, HEADS * HEAD_DIM);
      if (queryKeyNorm) {
        add(Part.QUERY_NORM, layer, seed + 6, 1, HEAD_DIM);
        add(Part.KEY_NORM, layer, seed + 7, 1, HEAD_DIM);
      }
      add(Part.GATE, layer, seed + 8, 0, INNER, HIDDEN);
      add(Part.UP, layer, seed + 9, 0, INNER, HIDDEN);
      add(Part.DOWN, layer, seed + 9.5, 0, HIDDEN, INNER);
    }
  }

  private void add(Part part, int layer, double seed, double base, long... dims) {
    put(names.name(part, layer), seed, base, dims);
  }

  /** Adds a tensor, or replaces one. */
  TinyDecoder put(String name, double seed, double base, long... dims) {
    Shape shape = Shape.of(dims);
    float[] numbers = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (base + 0.4 * Math.sin(0.7 * i + seed));
    }
    shapes.put(name, shape);
    tensors.put(name, numbers);
    return this;
  }

  TinyDecoder remove(String name) {
    shapes.remove(name);
    tensors.remove(name);
    return this;
  }

  TinyDecoder key(String name, Object value) {
    keys.put(name, value);
    return this;
  }

  /** Query, key and value biases of both layers. */
  TinyDecoder biased() {
    for (int layer = 0; layer < LAYERS; layer++) {
      put(names.bias(Part.QUERY, layer), 71 + layer, 0, HEADS * HEAD_DIM);
      put(names.bias(Part.KEY, layer), 73 + layer, 0, HEAD_DIM);
      put(names.bias(Part.VALUE, layer), 75 + layer, 0, HEAD_DIM);
    }
    return this;
  }

  /**
   * Query and key rows in the order that conversion to GGUF gives Llama's: within a head first half
   * and second half alternate.
   */
  TinyDecoder permuted() {
    for (int layer = 0; layer < LAYERS; layer++) {
      permute(names.name(Part.QUERY, layer), HEADS);
      permute(names.name(Part.KEY, layer), 1);
    }
    return this;
  }

  private void permute(String name, int heads) {
    float[] from = tensors.get(name);
    float[] to = new float[from.length];
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < HEAD_DIM; row++) {
        int source = row / 2 + row % 2 * (HEAD_DIM / 2);
        System.arraycopy(
            from,
            (head * HEAD_DIM + source) * HIDDEN,
            to,
            (head * HEAD_DIM + row) * HIDDEN,
            HIDDEN);
      }
    }
    tensors.put(name, to);
  }

  MemoryCheckpoint checkpoint() {
    MemoryCheckpoint checkpoint = new MemoryCheckpoint(format);
    keys.forEach(checkpoint::key);
    tensors.forEach((name, numbers) -> checkpoint.tensor(name, shapes.get(name), numbers));
    return checkpoint;
  }
}
