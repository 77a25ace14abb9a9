package dev.burhan.kernel.plan;

import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToLongBiFunction;

/**
 * What a graph's weights come to, each stored once.
 *
 * @param commonBytes all but the routed experts
 * @param commonRead of these, what one token reads: of the embedding one row
 * @param expertBytes all routed experts
 * @param expertRead of these, what one token reads
 * @param experts routed experts over all layers
 * @param mixtures layers with experts
 * @param chosen experts that one token uses in a layer
 * @param active numbers that one token is multiplied by, embedding and head included
 */
record Footprint(
    long commonBytes,
    double commonRead,
    long expertBytes,
    double expertRead,
    long experts,
    int mixtures,
    int chosen,
    double active) {

  /** Counts with the bytes that {@code bytes} gives for each weight. */
  static Footprint of(Graph graph, ToLongBiFunction<Node, Weight> bytes) {
    Counter counter = new Counter();
    graph.nodes().forEach(node -> counter.add(node, bytes));
    return counter.footprint();
  }

  long bytes() {
    return commonBytes + expertBytes;
  }

  double read() {
    return commonRead + expertRead;
  }

  /** Of one routed expert; 0 without any. */
  long bytesAnExpert() {
    return experts == 0 ? 0 : expertBytes / experts;
  }

  private static final class Counter {
    private final Set<Source> counted = new HashSet<>();
    private long commonBytes;
    private double commonRead;
    private long expertBytes;
    private double expertRead;
    private long experts;
    private int mixtures;
    private int chosen;
    private double active;

    void add(Node node, ToLongBiFunction<Node, Weight> counts) {
      if (node.op() instanceof Op.Experts mixture) {
        mixtures++;
        experts += mixture.gate().shape().dim(0);
        chosen = Math.max(chosen, node.in().get(1).width());
      }
      for (Weight weight : Weights.of(node.op())) {
        long bytes = counts.applyAsLong(node, weight);
        boolean first = counted.add(weight.source());
        if (node.op() instanceof Op.Experts) {
          double share = (double) node.in().get(1).width() / weight.shape().dim(0);
          expertBytes += bytes;
          expertRead += bytes * share;
          active += weight.shape().elements() * share;
        } else {
          boolean row = node.op() instanceof Op.Embed;
          commonBytes += first ? bytes : 0;
          commonRead += row ? (double) bytes / weight.shape().rows() : bytes;
          active += first ? weight.shape().elements() : 0;
        }
      }
    }

    Footprint footprint() {
      return new Footprint(
          commonBytes, commonRead, expertBytes, expertRead, experts, mixtures, chosen, active);
    }
  }
}
