package dev.burhan.backendvector;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Phase;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import dev.burhan.tensor.DataType;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Host kernels on the Vector API. Weights are arranged in panels: see {@link PanelType}. All
 * lengths are checked when a node is bound, by {@link NodeBinder}; kernels then stay within them.
 */
final class VectorKernels implements HostKernels {
  /** Raised whenever the bits of any result change. */
  private static final int NUMERICS_VERSION = 4;

  private final Lanes lanes;
  private final boolean eightBits;
  private final boolean packed;
  private final LatentForm latentForm;
  private final Q8Encoding encoding;

  private final Supplier<Work> works = new ThreadWork();

  /**
   * @param lanes the vector width
   * @param eightBits whether activations are quantised for quantised weights
   * @param packed whether matrices are packed into panels when they are loaded, and not each time
   *     they are used
   */
  VectorKernels(Lanes lanes, boolean eightBits, boolean packed) {
    this(lanes, eightBits, packed, LatentForm.AUTO);
  }

  /**
   * @param latentForm which form of latent attention is computed
   */
  VectorKernels(Lanes lanes, boolean eightBits, boolean packed, LatentForm latentForm) {
    this.lanes = lanes;
    this.latentForm = latentForm;
    this.packed = packed;
    this.eightBits = eightBits;
    this.encoding = new Q8Encoding(lanes, works);
  }

  @Override
  public Numerics numerics() {
    String mode = eightBits ? "q8" : "f32";
    String latent = latentForm == LatentForm.AUTO ? "" : " mla=" + latentForm.option();
    return new Numerics(
        "vector-" + mode + "-" + lanes.bits() + "/" + NUMERICS_VERSION + latent, true);
  }

  @Override
  public boolean supports(Node node) {
    return switch (node.op()) {
      case Op.Embed embed -> Panels.supports(embed.table());
      case Op.Linear linear -> Panels.supports(linear.weight());
      case Op.Logits logits -> Panels.supports(logits.head());
      case Op.Attention attention -> holds(attention.cache());
      case Op.Route route -> Panels.supports(route.gate());
      case Op.Experts experts ->
          Panels.supports(experts.gate())
              && Panels.supports(experts.up())
              && Panels.supports(experts.down());
      case Op.LatentAttention attention ->
          Panels.supports(attention.keyUp())
              && Panels.supports(attention.valueUp())
              && holds(attention.cache());
      case Op.RmsNorm _, Op.Rope _, Op.SwiGlu _, Op.Add _ -> true;
      case Op.Slice _, Op.Concat _ -> allFloats(node);
      default -> false;
    };
  }

  private static boolean holds(CacheSpec cache) {
    return cache.planes().stream()
        .allMatch(plane -> plane.allowed().stream().anyMatch(KvFormat::supports));
  }

  private static boolean allFloats(Node node) {
    return node.in().stream().allMatch(value -> value.type().equals(DataType.F32));
  }

  /** FP8 values and their scales apart, where the graph has both as one weight. */
  @Override
  public List<Weight> weights(Node node) {
    return Weights.of(node.op()).stream()
        .flatMap(
            weight ->
                ScaledWeight.of(weight)
                    .map(apart -> Stream.of(apart.values(), apart.scales()))
                    .orElseGet(() -> Stream.of(weight)))
        .toList();
  }

  @Override
  public List<Layout> layouts(Weight weight) {
    boolean matrices = weight.use() == Weight.Use.MATRIX || weight.use() == Weight.Use.EXPERTS;
    return matrices
            && packed
            && Panels.supports(weight)
            && PanelType.of(weight.type(), lanes).arranged()
        ? List.of(PanelPacker.layout(lanes), Layout.FILE)
        : List.of(Layout.FILE);
  }

  @Override
  public Packer packer(Layout layout) {
    if (!layout.equals(PanelPacker.layout(lanes))) {
      throw new IllegalArgumentException("no packer for layout " + layout);
    }
    return new PanelPacker(lanes);
  }

  @Override
  public Optional<Kernel> bind(Node node, Bindings bindings) {
    return supports(node) ? Optional.of(binder(node, bindings).kernel()) : Optional.empty();
  }

  @Override
  public boolean supports(Node node, Phase phase) {
    return node.op() instanceof Op.Linear && supports(node);
  }

  @Override
  public Optional<Kernel> bind(Node node, Phase phase, Bindings bindings) {
    return node.op() instanceof Op.Linear linear && supports(node)
        ? Optional.of(binder(node, bindings).linear(linear, EnumSet.of(phase)))
        : Optional.empty();
  }

  private NodeBinder binder(Node node, Bindings bindings) {
    return new NodeBinder(lanes, eightBits, latentForm, encoding, works, node, bindings);
  }

  @Override
  public void close() {
    lanes.close(); // all other memory is the program's
  }
}
