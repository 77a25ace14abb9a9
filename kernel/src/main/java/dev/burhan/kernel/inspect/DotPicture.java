package dev.burhan.kernel.inspect;

import dev.burhan.kernel.inspect.GraphSketch.Block;
import dev.burhan.kernel.inspect.GraphSketch.Box;
import dev.burhan.kernel.inspect.GraphSketch.Edge;

/** A sketch in Graphviz's language. */
final class DotPicture {
  private DotPicture() {}

  static String of(GraphSketch sketch, String title) {
    StringBuilder dot = new StringBuilder();
    dot.append("digraph \"").append(escape(title)).append("\" {\n");
    dot.append("  node [shape=box style=\"rounded,filled\" fillcolor=\"#eef3fb\"");
    dot.append(" fontname=\"sans-serif\" fontsize=11];\n");
    dot.append("  edge [fontname=\"sans-serif\" fontsize=9];\n");
    int cluster = 0;
    for (Block block : sketch.blocks()) {
      boolean framed = !block.title().isEmpty();
      if (framed) {
        dot.append("  subgraph cluster_").append(cluster++).append(" {\n");
        dot.append("    label=\"").append(escape(block.title())).append("\";\n");
      }
      block.boxes().forEach(box -> dot.append("    ").append(node(box)));
      if (framed) {
        dot.append("  }\n");
      }
    }
    for (Edge edge : sketch.edges()) {
      dot.append("  n%d -> n%d [label=\"%d\"];\n".formatted(edge.from(), edge.to(), edge.width()));
    }
    return dot.append("}\n").toString();
  }

  private static String node(Box box) {
    StringBuilder label = new StringBuilder(escape(box.title()));
    box.lines().forEach(line -> label.append("\\n").append(escape(line)));
    return "n%d [label=\"%s\"];\n".formatted(box.number(), label);
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
