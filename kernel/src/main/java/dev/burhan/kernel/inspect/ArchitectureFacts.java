package dev.burhan.kernel.inspect;

import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Weight;
import dev.burhan.model.ModelGraph;
import dev.burhan.model.ModelInfo;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** What a graph says about the architecture: taken from its ops, whatever the family. */
final class ArchitectureFacts {
  private ArchitectureFacts() {}

  /** By key, in the order in which they are shown. */
  static Map<String, Object> of(ModelGraph model) {
    ModelInfo info = model.info();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("architecture", info.architecture());
    info.title().ifPresent(title -> facts.put("title", title));
    facts.put("parameters", info.parameters());
    facts.put("layers", info.layers());
    facts.put("hidden", info.hidden());
    facts.put("vocabulary", info.vocabulary());
    facts.put("context", info.context());
    Graph graph = model.graph();
    putIfAny(facts, "attention", each(graph, ArchitectureFacts::attention));
    putIfAny(facts, "rotary", each(graph, ArchitectureFacts::rotary));
    putIfAny(facts, "feed_forward", each(graph, ArchitectureFacts::feedForward));
    facts.put("tied_embeddings", tied(graph));
    facts.put("nodes", graph.nodes().size());
    model
        .draft()
        .ifPresent(draft -> facts.put("draft", "one token, " + draft.nodes().size() + " nodes"));
    return facts;
  }

  private static void putIfAny(Map<String, Object> facts, String key, Set<String> found) {
    if (!found.isEmpty()) {
      facts.put(key, String.join("; ", found));
    }
  }

  /** Distinct words about the nodes; a node that has none gives an empty text. */
  private static Set<String> each(Graph graph, Function<Node, String> words) {
    Set<String> found = new LinkedHashSet<>();
    graph.nodes().stream().map(words).filter(text -> !text.isEmpty()).forEach(found::add);
    return found;
  }

  private static String attention(Node node) {
    return switch (node.op()) {
      case Op.Attention a ->
          "%d query heads, %d key and value heads of %d%s"
              .formatted(
                  a.heads(),
                  a.kvHeads(),
                  a.headDim(),
                  a.cache().window() == 0 ? "" : ", window " + a.cache().window());
      case Op.LatentAttention a ->
          "latent, %d heads of %d + %d, values of %d, rank %d"
              .formatted(a.heads(), a.nope(), a.rope(), a.valueDim(), a.keyUp().shape().cols());
      default -> "";
    };
  }

  private static String rotary(Node node) {
    return node.op() instanceof Op.Rope rope
        ? "%d of %d dimensions, %s, frequencies %s"
            .formatted(
                2 * rope.frequencies().size(),
                rope.headDim(),
                rope.interleaved() ? "interleaved" : "halves",
                rope.frequencies())
        : "";
  }

  private static String feedForward(Node node) {
    return switch (node.op()) {
      case Op.SwiGlu _ -> "SwiGLU of " + node.out().getFirst().width();
      case Op.Experts experts ->
          "%d of %d experts of %d"
              .formatted(
                  node.in().get(1).width(),
                  experts.gate().shape().dim(0),
                  experts.gate().shape().dim(1));
      default -> "";
    };
  }

  /** Whether embedding and head are one tensor. */
  private static boolean tied(Graph graph) {
    List<Weight> tables =
        graph.nodes().stream()
            .filter(node -> node.op() instanceof Op.Embed)
            .map(node -> ((Op.Embed) node.op()).table())
            .toList();
    return graph.nodes().stream()
        .anyMatch(
            node ->
                node.op() instanceof Op.Logits logits
                    && tables.stream()
                        .anyMatch(table -> table.source().equals(logits.head().source())));
  }
}
