package dev.burhan.kernel.inspect;

import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.CustomOp;
import dev.burhan.graph.Op;
import dev.burhan.graph.Weight;
import java.util.stream.Collectors;

/** Ops and weights in words. */
final class OpText {
  private OpText() {}

  /** {@code Attention}, {@code RmsNorm}; a custom op's own id. */
  static String name(Op op) {
    return op instanceof CustomOp custom ? custom.id() : op.getClass().getSimpleName();
  }

  /** What an op says beside values and weights; empty if nothing. */
  static String parameters(Op op) {
    return switch (op) {
      case Op.RmsNorm norm -> "epsilon=" + norm.epsilon();
      case Op.Rope rope -> rope(rope);
      case Op.Attention attention ->
          "heads=%d kvHeads=%d headDim=%d scale=%s %s"
              .formatted(
                  attention.heads(),
                  attention.kvHeads(),
                  attention.headDim(),
                  attention.scale(),
                  cache(attention.cache()));
      case Op.LatentAttention attention ->
          "heads=%d nope=%d rope=%d valueDim=%d scale=%s %s"
              .formatted(
                  attention.heads(),
                  attention.nope(),
                  attention.rope(),
                  attention.valueDim(),
                  attention.scale(),
                  cache(attention.cache()));
      case Op.Route route ->
          "top=%d groups=%d/%d%s score=%s normalise=%s scale=%s"
              .formatted(
                  route.top(),
                  route.groupsKept(),
                  route.groups(),
                  route.groups() > 1 && route.ranking() == Op.Route.GroupRanking.BEST
                      ? " by best"
                      : "",
                  route.score().name().toLowerCase(java.util.Locale.ROOT),
                  route.normalise(),
                  route.scale());
      case Op.Slice slice -> "from=" + slice.from();
      case Op.Embed _,
          Op.Linear _,
          Op.SwiGlu _,
          Op.Experts _,
          Op.Add _,
          Op.Concat _,
          Op.Logits _,
          CustomOp _ ->
          "";
    };
  }

  private static String rope(Op.Rope rope) {
    String text =
        "heads=%d headDim=%d %s frequencies=%s"
            .formatted(
                rope.heads(),
                rope.headDim(),
                rope.interleaved() ? "interleaved" : "halves",
                rope.frequencies());
    return text
        + (rope.offset() == 0 ? "" : " offset=" + rope.offset())
        + (rope.scale() == 1 ? "" : " scale=" + rope.scale());
  }

  private static String cache(CacheSpec cache) {
    return "cache=%d{%s%s}"
        .formatted(
            cache.id(),
            cache.planes().stream()
                .map(plane -> plane.name() + ":" + plane.numbers())
                .collect(Collectors.joining(" ")),
            cache.window() == 0 ? "" : " window=" + cache.window());
  }

  /** {@code blk.0.attn_q.weight Q4_1 (576, 576)}. */
  static String weight(Weight weight) {
    return weight.name() + " " + weight.type() + " " + weight.shape();
  }
}
