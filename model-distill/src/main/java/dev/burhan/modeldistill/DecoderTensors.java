package dev.burhan.modeldistill;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weight.Use;
import dev.burhan.modeldistill.DecoderSettings.Bias;
import dev.burhan.modeldistill.DecoderSettings.ScaleBlock;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Tensors as weights, each checked against the shape that the settings ask for. */
final class DecoderTensors {
  /** What the name of a tensor of scales has behind that of the values. */
  static final String SCALES = "_scale_inv";

  private final TensorFiles files;
  private final TensorNames names;
  private final Set<String> used = new HashSet<>();
  private long parameters;

  DecoderTensors(TensorFiles files) {
    this.files = files;
    this.names = files.names();
  }

  /** A matrix; FP8 values with the scales of their blocks, where the checkpoint has such. */
  Weight matrix(Part part, int layer, int rows, int cols, ScaleBlock block) {
    String name = names.name(part, layer);
    String scales = name + SCALES;
    Weight stored = weight(name, Use.MATRIX, Shape.of(rows, cols));
    if (!files.has(scales)) {
      return stored;
    }
    check(
        scales,
        Shape.of(Math.ceilDiv(rows, block.rows()), Math.ceilDiv(cols, block.cols())),
        Use.VECTOR); // F32 in every folder
    return new Weight(
        name,
        DataType.F32,
        stored.shape(),
        new Source.BlockScaled(
            stored.source(), new Source.Stored(scales), block.rows(), block.cols()),
        Use.MATRIX);
  }

  Weight vector(Part part, int layer, int length) {
    return weight(names.name(part, layer), Use.VECTOR, Shape.of(length));
  }

  Optional<Weight> bias(Part part, int layer, int length, Bias bias) {
    String name = names.bias(part, layer);
    boolean there =
        switch (bias) {
          case NONE -> false;
          case REQUIRED -> true;
          case IF_PRESENT -> files.has(name);
        };
    return there ? Optional.of(weight(name, Use.VECTOR, Shape.of(length))) : Optional.empty();
  }

  Weight embedding(int rows, int cols) {
    return weight(names.name(Part.EMBEDDING, 0), Use.GATHER, Shape.of(rows, cols));
  }

  /** The embedding as the logits' matrix. */
  Weight tiedHead(Weight embedding) {
    ignore(names.name(Part.HEAD, 0)); // some folders hold a copy
    return new Weight(
        embedding.name(), embedding.type(), embedding.shape(), embedding.source(), Use.MATRIX);
  }

  boolean hasHead() {
    return files.has(names.name(Part.HEAD, 0));
  }

  private void ignore(String name) {
    used.add(name);
  }

  private Weight weight(String name, Use use, Shape expected) {
    TensorInfo info = check(name, expected, use);
    parameters += expected.elements();
    return new Weight(name, info.type(), expected, new Source.Stored(name), use);
  }

  private TensorInfo check(String name, Shape expected, Use use) {
    TensorInfo info = files.tensor(name, expected, use);
    if (!info.shape().equals(expected)) {
      throw new CheckpointException(
          "%s: tensor '%s' has shape %s, expected %s"
              .formatted(info.file(), name, info.shape(), expected));
    }
    used.add(name);
    return info;
  }

  /** Numbers of all weights handed out; a tied head counts once. */
  long parameters() {
    return parameters;
  }

  /**
   * Refuses a checkpoint with a tensor that nothing asked for: it is of another family than it
   * says, and would answer nonsense.
   */
  void refuseStrangers(String architecture) {
    for (TensorInfo info : files.all()) {
      boolean derived =
          info.name().equals(GgufSettings.ROPE_FACTORS)
              || info.name().endsWith(".rotary_emb.inv_freq"); // old folders store what we compute
      if (!derived && !used.contains(info.name())) {
        throw new CheckpointException(
            "%s: tensor '%s' is no part of the architecture '%s' as Burhan knows it"
                .formatted(info.file(), Bounds.shown(info.name()), architecture));
      }
    }
  }
}
