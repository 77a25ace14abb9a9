package dev.burhan.kernel.inspect;

import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A graph as text, one line a node:
 *
 * <pre>
 *   0 | %1 (576) = RmsNorm(%0) epsilon=1.0E-5 | blk.0.attn_norm.weight F32 (576) | layer0.norm
 * </pre>
 *
 * Layer, values written with their widths, op, values read, what else the op says, weights, name.
 */
final class GraphText {
  private GraphText() {}

  static List<String> lines(Graph graph) {
    List<String> lines = new ArrayList<>();
    for (Value input : graph.inputs()) {
      lines.add("  in | " + written(input) + " = input | " + input.name());
    }
    for (Node node : graph.nodes()) {
      lines.add(line(node));
    }
    for (Map.Entry<String, Value> output : graph.outputs().entrySet()) {
      lines.add(" out | " + output.getKey() + " = " + output.getValue());
    }
    return lines;
  }

  private static String line(Node node) {
    String parameters = OpText.parameters(node.op());
    String weights =
        Weights.of(node.op()).stream().map(OpText::weight).collect(Collectors.joining(", "));
    return "%4d | %s = %s(%s)%s%s | %s"
        .formatted(
            node.layer(),
            node.out().stream().map(GraphText::written).collect(Collectors.joining(", ")),
            OpText.name(node.op()),
            node.in().stream().map(Value::toString).collect(Collectors.joining(", ")),
            parameters.isEmpty() ? "" : " " + parameters,
            weights.isEmpty() ? "" : " | " + weights,
            node.out().stream().map(Value::name).collect(Collectors.joining(", ")));
  }

  /** {@code %7 (576)}; says where it is not F32 or not a row a token. */
  private static String written(Value value) {
    return value
        + " ("
        + value.width()
        + (value.type().name().equals("F32") ? "" : " " + value.type())
        + (value.rows() == Value.Rows.COLUMN ? "" : " a logit row")
        + ")";
  }
}
