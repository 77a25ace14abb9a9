package dev.burhan.modelr1;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Provider;
import dev.burhan.tensor.DataType;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * DeepSeek-R1 and V3 (DeepSeek-AI 2024, arXiv 2412.19437) and V2 (arXiv 2405.04434): multi-head
 * latent attention and a mixture of experts.
 */
@Component(service = Provider.class)
public final class DeepSeek implements ModelArchitecture {
  @Override
  public String name() {
    return "deepseek";
  }

  @Override
  public List<String> architectures() {
    return List.of("deepseek_v3", "deepseek_v2", "deepseek2");
  }

  @Override
  public ModelGraph graph(Checkpoint checkpoint) {
    Settings settings = settings(checkpoint);
    TensorFiles files = new StoredTensors(checkpoint);
    return new DeepSeekGraph(settings, new Tensors(files, settings)).build();
  }

  @Override
  public Optional<ModelGraph> outline(Checkpoint configuration, DataType matrices) {
    if (configuration.format().equals("gguf")) {
      return Optional.empty(); // whose vocabulary and router's bias only tensors tell of
    }
    Settings settings = settings(configuration);
    TensorFiles files = new OutlinedTensors(configuration.path(), settings, matrices);
    return Optional.of(new DeepSeekGraph(settings, new Tensors(files, settings)).build());
  }

  private static Settings settings(Checkpoint checkpoint) {
    return switch (checkpoint.format()) {
      case "gguf" -> new GgufSettings(checkpoint).read();
      case "safetensors" -> new ConfigJsonSettings(checkpoint).read();
      default ->
          throw new CheckpointException(
              checkpoint.path()
                  + ": DeepSeek models are read from gguf and safetensors, found format "
                  + checkpoint.format());
    };
  }
}
