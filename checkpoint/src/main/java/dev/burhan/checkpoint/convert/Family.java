package dev.burhan.checkpoint.convert;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.gguf.GgufOutput;
import java.util.Map;

/** How a family's folder becomes a GGUF file. */
interface Family {
  /** The value of {@code general.architecture}, and what the family's keys begin with. */
  String architecture();

  /** Adds the family's keys. */
  void keys(GgufOutput out);

  /** The file's tensors in order. */
  Map<String, Rows> tensors();

  static Family of(Source source) {
    String type = source.config().string("model_type");
    return switch (type) {
      case "qwen2", "llama" -> new PlainDecoder(source, type);
      case "deepseek_v3", "deepseek_v2" -> new DeepSeekDecoder(source);
      default ->
          throw new CheckpointException(
              source.config().origin()
                  + ": model_type '"
                  + type
                  + "' can't be converted; only qwen2, llama, deepseek_v3 and deepseek_v2 can");
    };
  }

  /** Refuses what is no folder with weights. */
  static Checkpoint requireFolder(Checkpoint checkpoint) {
    if (!checkpoint.format().equals("safetensors")) {
      throw new CheckpointException(
          checkpoint.path()
              + ": expected a Hugging Face folder, found format "
              + checkpoint.format());
    }
    if (checkpoint.tensors().isEmpty() || !checkpoint.metadata().has("model_type")) {
      throw new CheckpointException(
          checkpoint.path()
              + ": expected a folder with config.json (model_type) and safetensors files");
    }
    return checkpoint;
  }
}
