package dev.burhan.checkpoint.convert;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.tensor.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** The folder that is converted: its settings and tensors, of which none may be left over. */
final class Source {
  private static final int MOST = 1 << 24;

  private final Checkpoint folder;
  private final Metadata config;
  private final long[] block;
  private final Set<String> used = new HashSet<>();

  Source(Checkpoint folder) {
    this.folder = folder;
    this.config = folder.metadata();
    String key = "quantization_config.weight_block_size";
    this.block = config.has(key) ? config.integers(key) : new long[] {128, 128};
    if (block.length != 2 || Arrays.stream(block).anyMatch(size -> size < 1 || size > MOST)) {
      throw wrong(key, "rows and columns, such as [128, 128]", Arrays.toString(block));
    }
    requireReadable();
  }

  private void requireReadable() {
    String quantised = config.string("quantization_config.quant_method", "fp8");
    if (!quantised.equals("fp8")) {
      throw wrong("quantization_config.quant_method", "absent or fp8", "'" + quantised + "'");
    }
    String activation = config.string("hidden_act", "silu");
    if (!activation.equals("silu")) {
      throw wrong("hidden_act", "silu", "'" + activation + "'");
    }
  }

  Checkpoint folder() {
    return folder;
  }

  Metadata config() {
    return config;
  }

  int number(String key) {
    return config.integer(key, 0, Integer.MAX_VALUE);
  }

  int number(String key, int otherwise) {
    return config.integer(key, 0, Integer.MAX_VALUE, otherwise);
  }

  boolean has(String tensor) {
    return folder.tensors().containsKey(tensor);
  }

  /** A tensor of the shape that the settings ask for. */
  Rows rows(String tensor, long... dims) {
    StoredRows rows = StoredRows.of(folder, tensor, block);
    if (!rows.shape().equals(Shape.of(dims))) {
      throw new CheckpointException(
          "%s: tensor '%s' has shape %s, expected %s"
              .formatted(folder.tensor(tensor).file(), tensor, rows.shape(), Shape.of(dims)));
    }
    used.add(tensor);
    used.add(tensor + StoredRows.SCALES);
    return rows;
  }

  /** A tensor that is left out on purpose. */
  void ignore(String tensor) {
    used.add(tensor);
  }

  void refuseStrangers() {
    for (TensorInfo info : folder.tensors().values()) {
      boolean derived = info.name().endsWith(".rotary_emb.inv_freq");
      if (!derived && !used.contains(info.name())) {
        throw new CheckpointException(
            "%s: tensor '%s' is no part of the architecture '%s', and would be lost"
                .formatted(info.file(), info.name(), config.string("model_type")));
      }
    }
  }

  CheckpointException wrong(String key, String expected, String found) {
    return new CheckpointException(
        config.origin() + ": key '" + key + "' should be " + expected + ", found " + found);
  }
}
