package dev.burhan.graph;

import java.util.ArrayList;
import java.util.List;

/** Which weights an op names. */
public final class Weights {
  private Weights() {}

  /**
   * The weights of a core op, in the order of its components; none for a custom op, which is
   * expanded first.
   */
  public static List<Weight> of(Op op) {
    return switch (op) {
      case Op.Embed embed -> List.of(embed.table());
      case Op.RmsNorm norm -> List.of(norm.gain());
      case Op.Linear linear -> with(linear.weight(), linear.bias());
      case Op.LatentAttention attention -> List.of(attention.keyUp(), attention.valueUp());
      case Op.Route route -> with(route.gate(), route.bias());
      case Op.Experts experts -> List.of(experts.gate(), experts.up(), experts.down());
      case Op.Logits logits -> List.of(logits.head());
      case Op.Rope _, Op.Attention _, Op.SwiGlu _, Op.Add _, Op.Slice _, Op.Concat _, CustomOp _ ->
          List.of();
    };
  }

  private static List<Weight> with(Weight first, java.util.Optional<Weight> second) {
    List<Weight> weights = new ArrayList<>(List.of(first));
    second.ifPresent(weights::add);
    return weights;
  }
}
