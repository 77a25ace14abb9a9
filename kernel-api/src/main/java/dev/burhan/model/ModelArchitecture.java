package dev.burhan.model;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.provider.Provider;
import dev.burhan.tensor.DataType;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** A family of models. Describes, never computes. */
@ConsumerType
public interface ModelArchitecture extends Provider {

  /**
   * The names under which checkpoints say that they are of this family: GGUF's {@code
   * general.architecture} and config.json's {@code model_type}.
   */
  List<String> architectures();

  /**
   * The model's graph, from metadata and the tensors' names, types and shapes. Reads no weight but
   * small tables that are part of the configuration (GGUF's {@code rope_freqs}).
   *
   * @throws dev.burhan.checkpoint.CheckpointException if a key or tensor is missing, of the wrong
   *     shape, or asks for what the family does not support; names it
   */
  ModelGraph graph(Checkpoint checkpoint);

  /**
   * The graph of a model of which only the configuration is at hand, for planning before its
   * weights are fetched. No tensor is looked at: each has the name and shape that the settings ask
   * for.
   *
   * @param configuration a checkpoint with metadata; its tensors, if it has any, are left aside
   * @param matrices type that matrices, experts and the embedding are taken to be stored in, where
   *     their rows are whole blocks of it; F32 otherwise and for vectors
   * @return empty if this family can't tell
   * @throws dev.burhan.checkpoint.CheckpointException if a key is missing or asks for what the
   *     family does not support
   */
  default Optional<ModelGraph> outline(Checkpoint configuration, DataType matrices) {
    return Optional.empty();
  }
}
