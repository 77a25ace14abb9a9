package dev.burhan.model;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.provider.Provider;
import java.util.List;
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
}
