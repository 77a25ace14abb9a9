package dev.burhan.modeldistill;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelGraph;
import dev.burhan.modeldistill.DecoderSettings.Bias;
import dev.burhan.tensor.DataType;
import java.util.List;
import java.util.Optional;

/**
 * Decoders of one shape: pre-norm layers of grouped-query attention with rotary positions and a
 * SwiGLU network. A family says in what it differs.
 */
abstract class DecoderFamily implements ModelArchitecture {
  private final String architecture;

  /**
   * A family.
   *
   * @param architecture its name in GGUF files and in config.json alike
   */
  DecoderFamily(String architecture) {
    this.architecture = architecture;
  }

  @Override
  public final String name() {
    return architecture;
  }

  @Override
  public final List<String> architectures() {
    return List.of(architecture);
  }

  /** Whether each head of query and key is normalised before it is rotated. */
  boolean queryKeyNorm() {
    return false;
  }

  /**
   * Whether GGUF files hold query and key rows permuted, so that a rotated pair is (x[2j], x[2j+1])
   * where Hugging Face folders have (x[j], x[j + n/2]).
   */
  boolean permutedInGguf() {
    return false;
  }

  /** Whether config.json may ask for sliding windows. */
  boolean slidingWindows() {
    return false;
  }

  /**
   * Whether query, key and value have biases.
   *
   * @param told what the checkpoint says: its {@code attention_bias}, or whether the tensors are
   *     there
   */
  Bias queryKeyValueBias(Bias told) {
    return told;
  }

  /** Whether attention's output has a bias. */
  Bias outputBias(Bias told) {
    return told;
  }

  @Override
  public final ModelGraph graph(Checkpoint checkpoint) {
    DecoderSettings settings =
        switch (checkpoint.format()) {
          case "gguf" -> new GgufSettings(checkpoint, this).read();
          case "safetensors" -> new ConfigJsonSettings(checkpoint, this).read();
          default ->
              throw new CheckpointException(
                  checkpoint.path()
                      + ": "
                      + architecture
                      + " is read from gguf and safetensors, found format "
                      + checkpoint.format());
        };
    return new DecoderGraph(settings, new DecoderTensors(new StoredTensors(checkpoint))).build();
  }

  @Override
  public final Optional<ModelGraph> outline(Checkpoint configuration, DataType matrices) {
    if (configuration.format().equals("gguf")) {
      return Optional.empty(); // whose vocabulary and biases only tensors tell of
    }
    DecoderSettings settings = new ConfigJsonSettings(configuration, this).read();
    TensorFiles files = new OutlinedTensors(configuration.path(), matrices);
    return Optional.of(new DecoderGraph(settings, new DecoderTensors(files)).build());
  }
}
