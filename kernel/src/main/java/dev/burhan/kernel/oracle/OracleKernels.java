package dev.burhan.kernel.oracle;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Phase;
import dev.burhan.graph.CustomOp;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Weights;
import dev.burhan.kernel.oracle.OracleProvider.LatentForm;
import dev.burhan.tensor.Dequantiser;
import java.util.EnumSet;
import java.util.Optional;

/**
 * Every core op in plain Java: what all other kernels are compared with. Slow and obvious: a weight
 * row is dequantised when it is used, and sums are one loop from first to last.
 *
 * <p>Values between ops are F32 as everywhere; within an op, sums, exponentials and square roots
 * are carried in double and rounded once at the end, so that the oracle's own rounding does not
 * blur the comparison.
 */
final class OracleKernels implements HostKernels {
  private final LatentForm form;

  OracleKernels(LatentForm form) {
    this.form = form;
  }

  @Override
  public Numerics numerics() {
    return new Numerics("oracle/1 mla=" + form.option(), true);
  }

  @Override
  public boolean supports(Node node) {
    return !(node.op() instanceof CustomOp)
        && Weights.of(node.op()).stream().allMatch(weight -> Dequantiser.supports(weight.type()));
  }

  @Override
  public Optional<Kernel> bind(Node node, Bindings bindings) {
    if (!supports(node)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (node.op()) {
          case Op.Embed op -> MatrixKernels.embed(op, node, bindings);
          case Op.Linear op -> MatrixKernels.linear(op, node, bindings, EnumSet.allOf(Phase.class));
          case Op.Logits op -> MatrixKernels.logits(op, node, bindings);
          case Op.RmsNorm op -> RowKernels.rmsNorm(op, node, bindings);
          case Op.Rope op -> RowKernels.rope(op, node, bindings);
          case Op.SwiGlu _ -> RowKernels.swiGlu(node, bindings);
          case Op.Add _ -> RowKernels.add(node, bindings);
          case Op.Slice op -> RowKernels.slice(op, node, bindings);
          case Op.Concat _ -> RowKernels.concat(node, bindings);
          case Op.Attention op -> new GroupedQueryAttention(op, node, bindings);
          case Op.LatentAttention op -> new MultiHeadLatentAttention(op, node, bindings, form);
          case Op.Route op -> new ExpertRouter(op, node, bindings);
          case Op.Experts op -> new RoutedExperts(op, node, bindings);
          case CustomOp op -> throw new IllegalArgumentException("not expanded: " + op.id());
        });
  }

  @Override
  public boolean supports(Node node, Phase phase) {
    return node.op() instanceof Op.Linear && supports(node);
  }

  @Override
  public Optional<Kernel> bind(Node node, Phase phase, Bindings bindings) {
    return node.op() instanceof Op.Linear op && supports(node)
        ? Optional.of(MatrixKernels.linear(op, node, bindings, EnumSet.of(phase)))
        : Optional.empty();
  }

  @Override
  public void close() {
    // holds nothing
  }
}
