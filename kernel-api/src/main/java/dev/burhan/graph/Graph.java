package dev.burhan.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model as data: nodes in topological order. Checked when made: each value is written once,
 * before it is read.
 *
 * @param inputs values that the caller hands in (a later pipeline stage's hidden rows); none for a
 *     whole model, which starts from token ids
 * @param nodes in an order in which they can run
 * @param caches every cache that an op of {@code nodes} names
 * @param outputs values that the caller gets, by name: {@code logits}, {@code hidden}
 */
public record Graph(
    List<Value> inputs, List<Node> nodes, List<CacheSpec> caches, Map<String, Value> outputs) {

  /** Name of the output that holds the logits. */
  public static final String LOGITS = "logits";

  /** Name of the output that holds the last hidden rows, before the final norm. */
  public static final String HIDDEN = "hidden";

  public Graph {
    inputs = List.copyOf(inputs);
    nodes = List.copyOf(nodes);
    caches = List.copyOf(caches);
    outputs = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    Set<Integer> written = new HashSet<>();
    inputs.forEach(value -> written.add(value.id()));
    for (Node node : nodes) {
      for (Value value : node.in()) {
        if (!written.contains(value.id())) {
          throw new IllegalArgumentException(
              "value " + value.name() + " is read before it is written");
        }
      }
      for (Value value : node.out()) {
        if (!written.add(value.id())) {
          throw new IllegalArgumentException("value " + value.name() + " is written twice");
        }
      }
    }
    for (Map.Entry<String, Value> output : outputs.entrySet()) {
      if (!written.contains(output.getValue().id())) {
        throw new IllegalArgumentException("output " + output.getKey() + " is never written");
      }
    }
  }

  /** Every weight that a node names, each once, in order of first use. */
  public Set<Weight> weights() {
    Set<Weight> weights = new LinkedHashSet<>();
    for (Node node : nodes) {
      weights.addAll(Weights.of(node.op()));
    }
    return weights;
  }

  /**
   * The nodes of the layers {@code [fromLayer, toLayer)} as a graph of their own: values alive at
   * the border become inputs and outputs (named by their ids), outputs of the whole that are made
   * inside stay outputs. A stage of a pipeline, a split over two devices and MTP are all this.
   */
  public Graph slice(int fromLayer, int toLayer) {
    List<Node> kept =
        nodes.stream().filter(n -> n.layer() >= fromLayer && n.layer() < toLayer).toList();
    Set<Value> made = new HashSet<>();
    kept.forEach(node -> made.addAll(node.out()));
    Set<Value> needed = new LinkedHashSet<>();
    kept.forEach(
        node -> node.in().stream().filter(value -> !made.contains(value)).forEach(needed::add));
    Map<String, Value> handedOn = new LinkedHashMap<>();
    outputs.forEach(
        (name, value) -> {
          if (made.contains(value)) {
            handedOn.put(name, value);
          }
        });
    for (Node node : nodes) {
      if (node.layer() < fromLayer || node.layer() >= toLayer) {
        node.in().stream()
            .filter(made::contains)
            .forEach(value -> handedOn.putIfAbsent("value" + value.id(), value));
      }
    }
    Set<Integer> used = new HashSet<>();
    kept.forEach(node -> cacheOf(node.op()).ifPresent(cache -> used.add(cache.id())));
    return new Graph(
        new ArrayList<>(needed),
        kept,
        caches.stream().filter(cache -> used.contains(cache.id())).toList(),
        handedOn);
  }

  /** The cache that an op keeps, if any. */
  public static java.util.Optional<CacheSpec> cacheOf(Op op) {
    return switch (op) {
      case Op.Attention attention -> java.util.Optional.of(attention.cache());
      case Op.LatentAttention attention -> java.util.Optional.of(attention.cache());
      default -> java.util.Optional.empty();
    };
  }

  /** For each value id the index of the last node that reads it; outputs live to the end. */
  public Map<Integer, Integer> lastUses() {
    Map<Integer, Integer> last = new HashMap<>();
    for (int index = 0; index < nodes.size(); index++) {
      for (Value value : nodes.get(index).in()) {
        last.put(value.id(), index);
      }
      for (Value value : nodes.get(index).out()) {
        last.putIfAbsent(value.id(), index);
      }
    }
    outputs.values().forEach(value -> last.put(value.id(), nodes.size()));
    return last;
  }
}
