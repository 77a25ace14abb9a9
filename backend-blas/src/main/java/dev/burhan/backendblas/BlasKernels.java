package dev.burhan.backendblas;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Phase;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Source;
import dev.burhan.tensor.Dequantiser;
import java.util.Optional;

/** Products of prompt columns, and nothing else: the rest is the next library's. */
final class BlasKernels implements HostKernels {
  /** Raised whenever the bits of any result change by our doing. */
  private static final int NUMERICS_VERSION = 1;

  private final OpenBlas blas;

  BlasKernels(OpenBlas blas) {
    this.blas = blas;
  }

  /**
   * OpenBLAS chooses kernels and the order of sums by the processor and by the number of columns.
   */
  @Override
  public Numerics numerics() {
    return new Numerics(
        "openblas-" + blas.version() + "-" + blas.core() + "/" + NUMERICS_VERSION, false);
  }

  @Override
  public boolean supports(Node node) {
    return false;
  }

  @Override
  public boolean supports(Node node, Phase phase) {
    return phase == Phase.PROMPT
        && node.op() instanceof Op.Linear linear
        && Dequantiser.supports(linear.weight().type())
        && isStored(linear.weight().source());
  }

  /**
   * Computed weights exist as F32 only, four times as large as the one that others make of them.
   */
  private static boolean isStored(Source source) {
    return switch (source) {
      case Source.Stored _ -> true;
      case Source.Slice slice -> isStored(slice.of());
      case Source.Reshape reshape -> isStored(reshape.of());
      case Source.Stack stack -> stack.parts().stream().allMatch(BlasKernels::isStored);
      case Source.Transpose _, Source.BlockScaled _ -> false;
    };
  }

  @Override
  public Optional<Kernel> bind(Node node, Bindings bindings) {
    return Optional.empty();
  }

  @Override
  public Optional<Kernel> bind(Node node, Phase phase, Bindings bindings) {
    return supports(node, phase)
        ? Optional.of(new PromptProduct(blas, (Op.Linear) node.op(), node, bindings))
        : Optional.empty();
  }

  @Override
  public void close() {
    blas.close();
  }
}
