package dev.burhan.goldentests;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.gguf.GgufWriter;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Dequantiser;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A deepseek_v3 folder as the GGUF file that llama.cpp's converter makes of it: names and keys,
 * experts stacked, kv_b split with the key's half transposed or, as of old, whole.
 */
final class GgufTwin {
  /** How a file holds the projections from the latent. */
  enum LatentUp {
    WHOLE,
    SPLIT,
    /** Split, each half as one matrix (ik_llama.cpp). */
    SPLIT_FLAT
  }

  private static final String PREFIX = "deepseek2.";
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("input_layernorm.weight", "attn_norm.weight"),
          Map.entry("self_attn.q_proj.weight", "attn_q.weight"),
          Map.entry("self_attn.q_a_proj.weight", "attn_q_a.weight"),
          Map.entry("self_attn.q_a_layernorm.weight", "attn_q_a_norm.weight"),
          Map.entry("self_attn.q_b_proj.weight", "attn_q_b.weight"),
          Map.entry("self_attn.kv_a_proj_with_mqa.weight", "attn_kv_a_mqa.weight"),
          Map.entry("self_attn.kv_a_layernorm.weight", "attn_kv_a_norm.weight"),
          Map.entry("self_attn.kv_b_proj.weight", "attn_kv_b.weight"),
          Map.entry("self_attn.o_proj.weight", "attn_output.weight"),
          Map.entry("post_attention_layernorm.weight", "ffn_norm.weight"),
          Map.entry("mlp.gate_proj.weight", "ffn_gate.weight"),
          Map.entry("mlp.up_proj.weight", "ffn_up.weight"),
          Map.entry("mlp.down_proj.weight", "ffn_down.weight"),
          Map.entry("mlp.gate.weight", "ffn_gate_inp.weight"),
          Map.entry("mlp.gate.e_score_correction_bias", "exp_probs_b.bias"),
          Map.entry("mlp.shared_experts.gate_proj.weight", "ffn_gate_shexp.weight"),
          Map.entry("mlp.shared_experts.up_proj.weight", "ffn_up_shexp.weight"),
          Map.entry("mlp.shared_experts.down_proj.weight", "ffn_down_shexp.weight"),
          Map.entry("embed_tokens.weight", "nextn.embed_tokens.weight"),
          Map.entry("enorm.weight", "nextn.enorm.weight"),
          Map.entry("hnorm.weight", "nextn.hnorm.weight"),
          Map.entry("eh_proj.weight", "nextn.eh_proj.weight"),
          Map.entry("shared_head.norm.weight", "nextn.shared_head_norm.weight"),
          Map.entry("shared_head.head.weight", "nextn.shared_head_head.weight"));
  private static final Set<DataType> TYPES =
      Set.of(DataType.F32, DataType.F16, DataType.BF16, DataType.Q8_0);

  private final Checkpoint folder;
  private final DataType type;
  private final int layers;

  /** A tensor of the file. */
  private record Tensor(Shape shape, float[] numbers) {}

  /**
   * A twin.
   *
   * @param folder its tensors are widened to F32 first
   * @param type of the matrices, where their rows are whole blocks of it
   */
  GgufTwin(Checkpoint folder, DataType type) {
    if (!TYPES.contains(type)) {
      throw new IllegalArgumentException("this does not write " + type);
    }
    this.folder = folder;
    this.type = type;
    this.layers = folder.metadata().integer("num_hidden_layers", 1, 100);
  }

  /** The folder with its numbers rounded as the file's are. */
  Checkpoint rounded() {
    MemoryCheckpoint memory = new MemoryCheckpoint("safetensors");
    for (String key : folder.metadata().keys()) {
      memory.key(key, folder.metadata().value(key).orElseThrow());
    }
    for (TensorInfo info : folder.tensors().values()) {
      Tensor tensor = read(info.name());
      DataType as = typeOf(info.name(), tensor.shape());
      byte[] encoded = encode(as, tensor.numbers());
      memory.tensor(
          info.name(),
          tensor.shape(),
          Dequantiser.decode(as, tensor.numbers().length, MemorySegment.ofArray(encoded), 0));
    }
    return memory;
  }

  /**
   * Writes the twin.
   *
   * @param fusedExperts gate and up of the experts in one tensor
   * @param files shards of a split file
   * @return the first file
   */
  Path write(Path directory, LatentUp latentUp, boolean fusedExperts, int files) {
    Map<String, Tensor> tensors = tensors(latentUp, fusedExperts);
    List<GgufWriter> writers = new ArrayList<>();
    for (int file = 0; file < files; file++) {
      GgufWriter writer = new GgufWriter();
      if (file == 0) {
        keys(latentUp).forEach(writer::put);
      }
      if (files > 1) {
        writer.put("split.no", (long) file).put("split.count", (long) files);
        writer.put("split.tensors.count", (long) tensors.size());
      }
      writers.add(writer);
    }
    int number = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      DataType as = typeOf(entry.getKey(), tensor.shape());
      writers
          .get(number++ * files / tensors.size())
          .tensor(entry.getKey(), as, tensor.shape(), encode(as, tensor.numbers()));
    }
    List<Path> paths = new ArrayList<>();
    for (int file = 0; file < files; file++) {
      String name = files == 1 ? "twin.gguf" : "twin-%05d-of-%05d.gguf".formatted(file + 1, files);
      paths.add(directory.resolve(name));
      writers.get(file).write(paths.getLast());
    }
    return paths.getFirst();
  }

  private Map<String, Tensor> tensors(LatentUp latentUp, boolean fusedExperts) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("token_embd.weight", read("model.embed_tokens.weight"));
    tensors.put("output_norm.weight", read("model.norm.weight"));
    tensors.put("output.weight", read("lm_head.weight"));
    for (int layer = 0;
        folder.tensors().containsKey(hf(layer) + "input_layernorm.weight");
        layer++) {
      String block = "blk." + layer + ".";
      for (String suffix : NAMES.keySet().stream().sorted().toList()) {
        if (folder.tensors().containsKey(hf(layer) + suffix)) {
          tensors.put(block + NAMES.get(suffix), read(hf(layer) + suffix));
        }
      }
      if (latentUp != LatentUp.WHOLE) {
        split(block, tensors, latentUp);
      }
      if (folder.tensors().containsKey(hf(layer) + "mlp.gate.weight")) {
        experts(layer, block, tensors, fusedExperts);
      }
    }
    return tensors;
  }

  private static String hf(int layer) {
    return "model.layers." + layer + ".";
  }

  private Tensor read(String name) {
    TensorInfo info = folder.tensor(name);
    int count = Math.toIntExact(info.shape().elements());
    return new Tensor(info.shape(), Dequantiser.decode(info.type(), count, folder.data(name), 0));
  }

  private int number(String key) {
    return folder.metadata().integer(key, 0, 1 << 20, 0);
  }

  private void split(String block, Map<String, Tensor> tensors, LatentUp how) {
    float[] both = tensors.remove(block + "attn_kv_b.weight").numbers();
    int heads = number("num_attention_heads");
    int nope = number("qk_nope_head_dim");
    int v = number("v_head_dim");
    int rank = number("kv_lora_rank");
    float[] key = new float[heads * rank * nope];
    float[] value = new float[heads * v * rank];
    for (int head = 0; head < heads; head++) {
      int from = head * (nope + v) * rank;
      for (int r = 0; r < rank; r++) {
        for (int i = 0; i < nope; i++) {
          key[(head * rank + r) * nope + i] = both[from + i * rank + r];
        }
      }
      System.arraycopy(both, from + nope * rank, value, head * v * rank, v * rank);
    }
    boolean flat = how == LatentUp.SPLIT_FLAT;
    tensors.put(
        block + "attn_k_b.weight",
        new Tensor(flat ? Shape.of((long) heads * rank, nope) : Shape.of(heads, rank, nope), key));
    tensors.put(
        block + "attn_v_b.weight",
        new Tensor(flat ? Shape.of((long) heads * v, rank) : Shape.of(heads, v, rank), value));
  }

  private void experts(int layer, String block, Map<String, Tensor> tensors, boolean fused) {
    if (fused) {
      tensors.put(block + "ffn_gate_up_exps.weight", stacked(layer, "gate_proj", "up_proj"));
    } else {
      tensors.put(block + "ffn_gate_exps.weight", stacked(layer, "gate_proj"));
      tensors.put(block + "ffn_up_exps.weight", stacked(layer, "up_proj"));
    }
    tensors.put(block + "ffn_down_exps.weight", stacked(layer, "down_proj"));
  }

  /** Each expert's projections one after another, experts one after another. */
  private Tensor stacked(int layer, String... projections) {
    int experts = number("n_routed_experts");
    List<float[]> parts = new ArrayList<>();
    Shape one = null;
    for (int expert = 0; expert < experts; expert++) {
      for (String projection : projections) {
        Tensor part = read(hf(layer) + "mlp.experts." + expert + "." + projection + ".weight");
        one = part.shape();
        parts.add(part.numbers());
      }
    }
    float[] all = new float[parts.size() * parts.getFirst().length];
    for (int i = 0; i < parts.size(); i++) {
      System.arraycopy(parts.get(i), 0, all, i * parts.get(i).length, parts.get(i).length);
    }
    return new Tensor(Shape.of(experts, one.dim(0) * projections.length, one.dim(1)), all);
  }

  private Map<String, Object> keys(LatentUp latentUp) {
    Metadata config = folder.metadata();
    int draft = number("num_nextn_predict_layers");
    long rope = number("qk_rope_head_dim");
    long rank = number("kv_lora_rank");
    long queryHead = number("qk_nope_head_dim") + rope;
    long value = number("v_head_dim");
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("general.architecture", "deepseek2");
    keys.put("general.name", "Twin");
    keys.put(PREFIX + "block_count", (long) layers + draft);
    keys.put(PREFIX + "nextn_predict_layers", (long) draft);
    keys.put(PREFIX + "context_length", (long) number("max_position_embeddings"));
    keys.put(PREFIX + "embedding_length", (long) number("hidden_size"));
    keys.put(PREFIX + "feed_forward_length", (long) number("intermediate_size"));
    keys.put(PREFIX + "attention.head_count", (long) number("num_attention_heads"));
    keys.put(PREFIX + "attention.layer_norm_rms_epsilon", (float) config.real("rms_norm_eps"));
    if (number("q_lora_rank") > 0) {
      keys.put(PREFIX + "attention.q_lora_rank", (long) number("q_lora_rank"));
    }
    keys.put(PREFIX + "attention.kv_lora_rank", rank);
    boolean split = latentUp != LatentUp.WHOLE;
    keys.put(PREFIX + "attention.head_count_kv", split ? 1L : (long) number("num_attention_heads"));
    keys.put(PREFIX + "attention.key_length", split ? rank + rope : queryHead);
    keys.put(PREFIX + "attention.value_length", split ? rank : value);
    if (split) {
      keys.put(PREFIX + "attention.key_length_mla", queryHead);
      keys.put(PREFIX + "attention.value_length_mla", value);
    }
    keys.put(PREFIX + "leading_dense_block_count", (long) number("first_k_dense_replace"));
    keys.put(PREFIX + "expert_count", (long) number("n_routed_experts"));
    keys.put(PREFIX + "expert_used_count", (long) number("num_experts_per_tok"));
    keys.put(PREFIX + "expert_shared_count", (long) number("n_shared_experts"));
    keys.put(PREFIX + "expert_group_count", (long) number("n_group"));
    keys.put(PREFIX + "expert_group_used_count", (long) number("topk_group"));
    keys.put(PREFIX + "expert_feed_forward_length", (long) number("moe_intermediate_size"));
    keys.put(PREFIX + "expert_weights_scale", (float) config.real("routed_scaling_factor"));
    keys.put(PREFIX + "expert_weights_norm", config.bool("norm_topk_prob", false));
    keys.put(PREFIX + "expert_gating_func", 2L);
    keys.put(PREFIX + "rope.dimension_count", rope);
    keys.put(PREFIX + "rope.freq_base", (float) config.real("rope_theta"));
    keys.put(PREFIX + "rope.scaling.type", "yarn");
    keys.put(PREFIX + "rope.scaling.factor", (float) config.real("rope_scaling.factor"));
    keys.put(
        PREFIX + "rope.scaling.original_context_length",
        (long) number("rope_scaling.original_max_position_embeddings"));
    keys.put(
        PREFIX + "rope.scaling.yarn_log_multiplier",
        0.1f * (float) config.real("rope_scaling.mscale_all_dim"));
    return keys;
  }

  /** As the converters do: norms, biases and the router stay F32. */
  private DataType typeOf(String name, Shape shape) {
    boolean small =
        shape.rank() < 2 || name.contains("ffn_gate_inp") || name.contains("mlp.gate.weight");
    return small || shape.cols() % type.blockElements() != 0 ? DataType.F32 : type;
  }

  private static byte[] encode(DataType type, float[] numbers) {
    ByteBuffer out =
        ByteBuffer.allocate(Math.toIntExact(type.bytes(numbers.length)))
            .order(ByteOrder.LITTLE_ENDIAN);
    if (type.equals(DataType.Q8_0)) {
      for (int at = 0; at < numbers.length; at += 32) {
        q8(Arrays.copyOfRange(numbers, at, at + 32), out);
      }
      return out.array();
    }
    for (float number : numbers) {
      switch (type.name()) {
        case "F16" -> out.putShort(Float.floatToFloat16(number));
        case "BF16" -> out.putShort((short) (Float.floatToRawIntBits(number) >>> 16));
        default -> out.putFloat(number);
      }
    }
    return out.array();
  }

  private static void q8(float[] block, ByteBuffer out) {
    float most = 0;
    for (float number : block) {
      most = Math.max(most, Math.abs(number));
    }
    float scale = Float.float16ToFloat(Float.floatToFloat16(most / 127));
    out.putShort(Float.floatToFloat16(scale));
    for (float number : block) {
      out.put((byte) (scale == 0 ? 0 : Math.clamp(Math.round(number / scale), -127, 127)));
    }
  }
}
