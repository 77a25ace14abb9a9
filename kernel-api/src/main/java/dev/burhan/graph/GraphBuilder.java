package dev.burhan.graph;

import dev.burhan.tensor.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Writes a graph from embedding to logits, one line an op. Numbers values and caches, checks widths
 * on the way. Not thread-safe.
 */
@ProviderType
public final class GraphBuilder {
  private final List<Value> inputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<CacheSpec> caches = new ArrayList<>();
  private final Map<String, Value> outputs = new LinkedHashMap<>();
  private int nextValue;
  private int layer = -1;

  /**
   * A builder whose values are numbered from {@code firstValue} on, for expansions into an existing
   * graph.
   */
  public GraphBuilder(int firstValue) {
    this.nextValue = firstValue;
  }

  public GraphBuilder() {
    this(0);
  }

  /** Nodes added from here on belong to this layer. */
  public GraphBuilder layer(int number) {
    this.layer = number;
    return this;
  }

  /** A new value of F32 numbers, one row a column. */
  public Value value(String name, int width) {
    return value(name, width, DataType.F32, Value.Rows.COLUMN);
  }

  public Value value(String name, int width, DataType type, Value.Rows rows) {
    if (width < 1) {
      throw new IllegalArgumentException(
          "value " + name + " needs a positive width, found " + width);
    }
    return new Value(nextValue++, name, width, type, rows);
  }

  /** A value that the caller of the program hands in. */
  public Value input(String name, int width) {
    Value value = value(name, width);
    inputs.add(value);
    return value;
  }

  public void output(String name, Value value) {
    outputs.put(name, value);
  }

  /** A cache of this layer. */
  public CacheSpec cache(int window, Plane... planes) {
    CacheSpec cache = new CacheSpec(caches.size(), layer, List.of(planes), window);
    caches.add(cache);
    return cache;
  }

  /** Adds any node. */
  public void add(Op op, List<Value> in, List<Value> out) {
    nodes.add(new Node(op, in, out, layer));
  }

  private Value apply(String name, Op op, int width, Value... in) {
    Value out = value(name, width);
    add(op, List.of(in), List.of(out));
    return out;
  }

  public Value embed(String name, Weight table) {
    return apply(name, new Op.Embed(table), Math.toIntExact(table.shape().cols()));
  }

  public Value rmsNorm(String name, Value x, Weight gain, float epsilon) {
    if (x.width() % gain.shape().elements() != 0) {
      throw mismatch(name, x, gain);
    }
    return apply(name, new Op.RmsNorm(gain, epsilon), x.width(), x);
  }

  public Value linear(String name, Value x, Weight weight, Optional<Weight> bias) {
    if (x.width() != weight.shape().cols()) {
      throw mismatch(name, x, weight);
    }
    return apply(name, new Op.Linear(weight, bias), Math.toIntExact(weight.shape().rows()), x);
  }

  public Value rope(String name, Value x, Op.Rope rope) {
    if (x.width() != rope.heads() * rope.headDim()) {
      throw new IllegalArgumentException(
          name + ": " + rope.heads() + " heads of " + rope.headDim() + " are not " + x.width());
    }
    return apply(name, rope, x.width(), x);
  }

  public Value attention(String name, Value query, Value key, Value value, Op.Attention attention) {
    int kvWidth = attention.kvHeads() * attention.headDim();
    if (query.width() != attention.heads() * attention.headDim()
        || key.width() != kvWidth
        || value.width() != kvWidth) {
      throw new IllegalArgumentException(
          name
              + ": widths "
              + query.width()
              + ", "
              + key.width()
              + ", "
              + value.width()
              + " do not fit "
              + attention);
    }
    return apply(name, attention, query.width(), query, key, value);
  }

  public Value latentAttention(
      String name, Value query, Value latent, Value rope, Op.LatentAttention attention) {
    return apply(name, attention, attention.heads() * attention.valueDim(), query, latent, rope);
  }

  public Value swiGlu(String name, Value gate, Value up) {
    return apply(name, new Op.SwiGlu(), gate.width(), gate, up);
  }

  public Value add(String name, Value a, Value b) {
    if (a.width() != b.width()) {
      throw new IllegalArgumentException(
          name + ": " + a.width() + " and " + b.width() + " numbers can't be added");
    }
    return apply(name, new Op.Add(), a.width(), a, b);
  }

  public Value slice(String name, Value x, int from, int width) {
    if (from < 0 || from + width > x.width()) {
      throw new IllegalArgumentException(
          name + ": [" + from + ", " + (from + width) + ") is not within " + x.width());
    }
    return apply(name, new Op.Slice(from), width, x);
  }

  public Value concat(String name, Value... parts) {
    int width = 0;
    for (Value part : parts) {
      width += part.width();
    }
    return apply(name, new Op.Concat(), width, parts);
  }

  /** The chosen experts' numbers and weights. */
  public record Routed(Value experts, Value weights) {}

  public Routed route(String name, Value x, Op.Route route) {
    Value experts = value(name + ".experts", route.top(), DataType.I32, Value.Rows.COLUMN);
    Value weights = value(name + ".weights", route.top());
    add(route, List.of(x), List.of(experts, weights));
    return new Routed(experts, weights);
  }

  public Value experts(String name, Value x, Routed routed, Op.Experts experts) {
    return apply(name, experts, x.width(), x, routed.experts(), routed.weights());
  }

  /** The logits, which become the graph's output {@link Graph#LOGITS}. */
  public Value logits(String name, Value x, Weight head) {
    if (x.width() != head.shape().cols()) {
      throw mismatch(name, x, head);
    }
    Value out = value(name, Math.toIntExact(head.shape().rows()), DataType.F32, Value.Rows.LOGIT);
    add(new Op.Logits(head), List.of(x), List.of(out));
    output(Graph.LOGITS, out);
    return out;
  }

  public Graph build() {
    return new Graph(inputs, nodes, caches, outputs);
  }

  /** The nodes added so far, for expansions. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /** The number that the next new value gets. */
  public int nextValue() {
    return nextValue;
  }

  private static IllegalArgumentException mismatch(String name, Value x, Weight weight) {
    return new IllegalArgumentException(
        name
            + ": "
            + x.width()
            + " numbers do not fit weight "
            + weight.name()
            + " of shape "
            + weight.shape());
  }
}
