package dev.burhan.kernel.plan;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.tensor.DataType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A model to plan for: one whose weights are at hand, or a configuration alone. */
final class PlannedModel implements AutoCloseable {
  /** The name under which DeepSeek-R1's own config.json is built in. */
  static final String R1 = "r1-671b";

  private final Checkpoint checkpoint;
  private final ModelArchitecture architecture;
  private final ModelGraph graph;

  private PlannedModel(Checkpoint checkpoint, Host host) {
    this.checkpoint = checkpoint;
    this.architecture = KernelEngine.architectureOf(host, checkpoint);
    this.graph =
        hasWeights()
            ? architecture.graph(checkpoint)
            : outlined(DataType.BF16)
                .orElseThrow(
                    () ->
                        new BurhanException(
                            checkpoint.path()
                                + ": the architecture '"
                                + architecture.name()
                                + "' can't be planned from its configuration alone; name a folder"
                                + " or file with its weights"));
  }

  /**
   * Opens it.
   *
   * @param model {@link #R1}, a configuration's file (.json), or what {@link Host#openCheckpoint}
   *     takes
   */
  static PlannedModel open(String model, Host host, Progress progress) throws IOException {
    Checkpoint checkpoint = checkpoint(model, host, progress);
    try {
      return new PlannedModel(checkpoint, host);
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  private static Checkpoint checkpoint(String model, Host host, Progress progress)
      throws IOException {
    if (model.endsWith(".json") && Files.isRegularFile(Path.of(model))) {
      return ConfigurationOnly.read(Path.of(model), Files.readAllBytes(Path.of(model)), host);
    }
    if (!model.equals(R1) || Files.exists(Path.of(model))) {
      return host.openCheckpoint(model, progress);
    }
    try (InputStream published = PlannedModel.class.getResourceAsStream(R1 + ".json")) {
      return ConfigurationOnly.read(Path.of(R1), published.readAllBytes(), host);
    }
  }

  /** Whether the checkpoint has tensors, in types of its own. */
  boolean hasWeights() {
    return !checkpoint.tensors().isEmpty();
  }

  /** Of the checkpoint's tensors, or of those that the configuration implies. */
  ModelGraph graph() {
    return graph;
  }

  /** The graph with matrices of another type, if the family can tell it without tensors. */
  Optional<ModelGraph> outlined(DataType matrices) {
    return architecture.outline(checkpoint, matrices);
  }

  /** Counted in the types that the checkpoint has. */
  Footprint stored() {
    return Footprint.of(graph.graph(), (_, weight) -> storedBytes(weight));
  }

  Footprint in(Quantisation quantisation) {
    return Footprint.of(
        graph.graph(), (node, weight) -> quantisation.bytes(node, weight, graph.info().layers()));
  }

  /** A weight that is computed at load has another type than the tensor it is made of. */
  private long storedBytes(Weight weight) {
    if (weight.source() instanceof Source.BlockScaled) {
      return Quantisation.scaledBytes(weight);
    }
    DataType type = checkpoint.tensor(tensor(weight.source())).type();
    long elements = weight.shape().elements();
    return elements % type.blockElements() == 0 ? type.bytes(elements) : weight.bytes();
  }

  private static String tensor(Source source) {
    return switch (source) {
      case Source.Stored stored -> stored.tensor();
      case Source.Slice slice -> tensor(slice.of());
      case Source.Stack stack -> tensor(stack.parts().getFirst());
      case Source.Transpose transpose -> tensor(transpose.of());
      case Source.Reshape reshape -> tensor(reshape.of());
      case Source.BlockScaled scaled -> tensor(scaled.values());
    };
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
