package dev.burhan.modelr1;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weight.Use;
import dev.burhan.modelr1.Settings.ScaleBlock;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A checkpoint's tensors as weights, each checked against the shape that the settings ask for. */
final class Tensors {
  /** What the name of a tensor of scales has behind that of the values. */
  static final String SCALES = "_scale_inv";

  private final TensorFiles files;
  private final TensorNames names;
  private final ScaleBlock block;
  private final Set<String> used = new HashSet<>();
  private long parameters;

  Tensors(TensorFiles files, Settings settings) {
    this.files = files;
    this.names = files.names();
    this.block = settings.scaleBlock();
  }

  boolean has(Part part, int layer) {
    return has(names.name(part, layer));
  }

  private boolean has(String name) {
    return files.has(name);
  }

  /** Whether any tensor belongs to a layer. */
  boolean hasLayer(int layer) {
    String prefix = names.block(layer);
    return files.all().stream().anyMatch(info -> info.name().startsWith(prefix));
  }

  /** What to say of a layer behind the last one that does not draft. */
  CheckpointException missingDraft(int layer) {
    return new CheckpointException(
        "%s: tensor '%s' is missing: layer %d, behind the %d that the configuration tells of, should be one that drafts; is the number of layers wrong, or a shard missing?"
            .formatted(files.path(), names.name(Part.DRAFT_JOIN, layer), layer, layer));
  }

  /** Layers that nothing is made of, and that are no strangers either. */
  void ignoreLayer(int layer) {
    String prefix = names.block(layer);
    files.all().stream()
        .map(TensorInfo::name)
        .filter(name -> name.startsWith(prefix))
        .forEach(used::add);
  }

  Weight vector(Part part, int layer, int length) {
    return plain(names.name(part, layer), Use.VECTOR, Shape.of(length));
  }

  Weight routerBias(int layer, int experts) {
    return plain(names.routerBias(layer), Use.VECTOR, Shape.of(experts));
  }

  boolean hasRouterBias(int layer) {
    return has(names.routerBias(layer));
  }

  Weight embedding(Part part, int layer, int rows, int cols) {
    return plain(names.name(part, layer), Use.GATHER, Shape.of(rows, cols));
  }

  /** An embedding as the logits' matrix. */
  Weight tied(Weight embedding) {
    used.add(names.name(Part.HEAD, 0)); // some folders hold a copy
    return new Weight(
        embedding.name(), embedding.type(), embedding.shape(), embedding.source(), Use.MATRIX);
  }

  /** A matrix; FP8 values with the scales of their blocks. */
  Weight matrix(Part part, int layer, int rows, int cols) {
    String name = names.name(part, layer);
    Shape shape = Shape.of(rows, cols);
    TensorInfo info = check(name, shape, Use.MATRIX);
    parameters += shape.elements();
    Source stored = new Source.Stored(name);
    return scaled(info)
        ? new Weight(name, DataType.F32, shape, scaled(stored, scales(info)), Use.MATRIX)
        : new Weight(name, info.type(), shape, stored, Use.MATRIX);
  }

  private Source scaled(Source values, Source scales) {
    return new Source.BlockScaled(values, scales, block.rows(), block.cols());
  }

  /** Whether a tensor's numbers are to be multiplied by scales; FP8 without any is refused. */
  private boolean scaled(TensorInfo info) {
    boolean scales = has(info.name() + SCALES);
    boolean fp8 = info.type().equals(DataType.F8_E4M3);
    if (fp8 && !scales) {
      throw new CheckpointException(
          "%s: tensor '%s' is F8_E4M3, but there is no tensor '%s' with the scales of its blocks; is a shard missing?"
              .formatted(info.file(), info.name(), info.name() + SCALES));
    }
    if (scales && !fp8) {
      throw new CheckpointException(
          "%s: tensor '%s' is %s, but has scales in '%s', which only F8_E4M3 tensors have"
              .formatted(info.file(), info.name(), info.type(), info.name() + SCALES));
    }
    return scales;
  }

  private Source scales(TensorInfo values) {
    String name = values.name() + SCALES;
    Shape expected =
        Shape.of(
            Math.ceilDiv(values.shape().dim(0), block.rows()),
            Math.ceilDiv(values.shape().dim(1), block.cols()));
    TensorInfo info = files.tensor(name, expected, Use.VECTOR); // F32 in every folder
    if (!info.shape().equals(expected)) {
      throw new CheckpointException(
          "%s: tensor '%s' has shape %s, expected %s: a scale for each block of %d x %d of '%s', whose shape is %s; see quantization_config.weight_block_size"
              .formatted(
                  info.file(),
                  name,
                  info.shape(),
                  expected,
                  block.rows(),
                  block.cols(),
                  values.name(),
                  values.shape()));
    }
    requireNumbers(info);
    used.add(name);
    return new Source.Stored(name);
  }

  /** The (experts, rows, cols) of a layer: one tensor in GGUF, one an expert in a folder. */
  Weight experts(Part part, int layer, int experts, int rows, int cols) {
    Shape shape = Shape.of(experts, rows, cols);
    parameters += shape.elements();
    if (names == TensorNames.HUGGING_FACE) {
      return stacked(part, layer, shape);
    }
    if (part != Part.EXPERTS_DOWN && has(Part.EXPERTS_GATE_UP, layer)) {
      return halfOfExperts(part, layer, shape);
    }
    String name = names.name(part, layer);
    DataType type = check(name, shape, Use.EXPERTS).type();
    return new Weight(name, type, shape, new Source.Stored(name), Use.EXPERTS);
  }

  /** Gate, or up, of experts whose gate rows stand before their up rows. */
  private Weight halfOfExperts(Part part, int layer, Shape shape) {
    long rows = shape.dim(1);
    String name = names.name(Part.EXPERTS_GATE_UP, layer);
    TensorInfo info = check(name, Shape.of(shape.dim(0), 2 * rows, shape.dim(2)), Use.EXPERTS);
    long from = part == Part.EXPERTS_GATE ? 0 : rows;
    return new Weight(
        name + (part == Part.EXPERTS_GATE ? " gate" : " up"),
        info.type(),
        shape,
        new Source.Slice(new Source.Stored(name), 1, from, from + rows),
        Use.EXPERTS);
  }

  private Weight stacked(Part part, int layer, Shape shape) {
    int experts = Math.toIntExact(shape.dim(0));
    List<Source> values = new ArrayList<>(experts);
    List<Source> scales = new ArrayList<>(experts);
    TensorInfo first = null;
    for (int expert = 0; expert < experts; expert++) {
      TensorInfo info = expert(part, layer, expert, shape);
      first = first == null ? info : first;
      if (!info.type().equals(first.type())) {
        throw new CheckpointException(
            "%s: tensor '%s' is %s, but '%s' is %s: the experts of a layer are of one type"
                .formatted(info.file(), info.name(), info.type(), first.name(), first.type()));
      }
      values.add(new Source.Stored(info.name()));
      if (scaled(info)) {
        scales.add(scales(info));
      }
    }
    String name = names.name(part, layer);
    Source stack = new Source.Stack(values);
    return scales.isEmpty()
        ? new Weight(name, first.type(), shape, stack, Use.EXPERTS)
        : new Weight(
            name, DataType.F32, shape, scaled(stack, new Source.Stack(scales)), Use.EXPERTS);
  }

  private TensorInfo expert(Part part, int layer, int expert, Shape shape) {
    String name = names.expert(part, layer, expert);
    if (!has(name)) {
      throw new CheckpointException(
          "%s: tensor '%s' is missing: of the %d experts of layer %d that n_routed_experts tells of, number %d is not there; is a shard missing?"
              .formatted(files.path(), name, shape.dim(0), layer, expert));
    }
    return check(name, Shape.of(shape.dim(1), shape.dim(2)), Use.EXPERTS);
  }

  /**
   * Each head's key projection (heads, nope, rank) and value projection (heads, valueDim, rank),
   * from the one tensor that has both in turn, or from GGUF's two, of which the key's is
   * transposed.
   */
  record Up(Weight key, Weight value) {}

  Up latentUp(int layer, Settings.Latent s) {
    Shape key = Shape.of(s.heads(), s.nope(), s.rank());
    Shape value = Shape.of(s.heads(), s.valueDim(), s.rank());
    if (!has(Part.LATENT_UP, layer) && has(Part.KEY_UP, layer)) {
      return split(layer, key, value);
    }
    int each = s.nope() + s.valueDim();
    Weight both = matrix(Part.LATENT_UP, layer, s.heads() * each, s.rank());
    used.add(names.name(Part.KEY_UP, layer)); // some files hold the halves as well
    used.add(names.name(Part.VALUE_UP, layer));
    Source heads =
        new Source.Reshape(both.source(), List.of((long) s.heads(), (long) each, (long) s.rank()));
    return new Up(
        part(both, " key", key, new Source.Slice(heads, 1, 0, s.nope())),
        part(both, " value", value, new Source.Slice(heads, 1, s.nope(), each)));
  }

  private static Weight part(Weight whole, String which, Shape shape, Source source) {
    return new Weight(whole.name() + which, whole.type(), shape, source, Use.MATRIX);
  }

  private Up split(int layer, Shape key, Shape value) {
    String keys = names.name(Part.KEY_UP, layer);
    String values = names.name(Part.VALUE_UP, layer);
    Shape transposed = Shape.of(key.dim(0), key.dim(2), key.dim(1));
    parameters += key.elements() + value.elements();
    TensorInfo valueInfo = headed(values, value);
    return new Up(
        new Weight(
            keys,
            DataType.F32, // transposing means computing
            key,
            new Source.Transpose(reshaped(headed(keys, transposed), transposed)),
            Use.MATRIX),
        new Weight(values, valueInfo.type(), value, reshaped(valueInfo, value), Use.MATRIX));
  }

  private static Source reshaped(TensorInfo info, Shape shape) {
    Source stored = new Source.Stored(info.name());
    return info.shape().equals(shape) ? stored : new Source.Reshape(stored, shape.dims());
  }

  /** A tensor of one matrix a head, which some files write as one matrix. */
  private TensorInfo headed(String name, Shape expected) {
    Shape flat = Shape.of(expected.rows(), expected.cols());
    boolean asOne = has(name) && files.tensor(name, expected, Use.MATRIX).shape().rank() == 2;
    return check(name, asOne ? flat : expected, Use.MATRIX);
  }

  private Weight plain(String name, Use use, Shape expected) {
    TensorInfo info = check(name, expected, use);
    if (info.type().equals(DataType.F8_E4M3)) {
      throw new CheckpointException(
          "%s: tensor '%s' is F8_E4M3, expected a type without scales"
              .formatted(info.file(), name));
    }
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
    requireNumbers(info);
    used.add(name);
    return info;
  }

  private static void requireNumbers(TensorInfo info) {
    if (!info.type().isFloat() && !info.type().isBlocked()) {
      throw new CheckpointException(
          "%s: tensor '%s' is %s, expected floating point or quantised numbers"
              .formatted(info.file(), info.name(), info.type()));
    }
  }

  /** Numbers of all weights handed out so far; a tied head counts once. */
  long parameters() {
    return parameters;
  }

  /**
   * Refuses a checkpoint with a tensor that nothing asked for: it is of another family than it
   * says, and would answer nonsense.
   */
  void refuseStrangers(String architecture) {
    for (TensorInfo info : files.all()) {
      boolean derived = info.name().endsWith(".rotary_emb.inv_freq"); // what we compute
      if (!derived && !used.contains(info.name())) {
        throw new CheckpointException(
            "%s: tensor '%s' is no part of the architecture '%s' with the settings of its configuration"
                .formatted(info.file(), Bounds.shown(info.name()), architecture));
      }
    }
  }

  /** The router's bias, if the settings ask for one. */
  Optional<Weight> routerBias(int layer, Settings.Mixture mixture) {
    return mixture.bias() ? Optional.of(routerBias(layer, mixture.experts())) : Optional.empty();
  }
}
