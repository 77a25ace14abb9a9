package dev.burhan.backendtck;

import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.tensor.DataType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Small whole models with random weights of one type: what bits and lifecycles are tried with. */
final class ModelTrials {
  private static final int VOCABULARY = 97;
  private static final int LAYERS = 2;
  private static final float EPSILON = 1e-6f;
  private static final List<DataType> CACHE = List.of(DataType.F32);

  private ModelTrials() {}

  /** Both kinds of models, with plain weights and with quantised ones of three block sizes. */
  static List<Trial> all() {
    return List.of(
        dense(DataType.F32),
        mixture(DataType.F32),
        dense(DataType.Q4_0),
        mixture(DataType.Q8_0),
        dense(DataType.Q4_K));
  }

  private static List<Story> stories() {
    return Company.stories(6, 18, new Random(17));
  }

  private static Trial trial(String name, Trial.Build build) {
    return new Trial(name, build, Map.of(), stories(), 5, Trial::normal, new Trial.Scale.Largest());
  }

  /** As Qwen2 and Llama are: grouped queries and a gated layer. */
  static Trial dense(DataType type) {
    return trial(
        "dense model of " + type,
        (graph, checkpoint) -> new Model(graph, checkpoint, type).dense());
  }

  /** As DeepSeek-V3 is: latent attention and a mixture of experts. */
  static Trial mixture(DataType type) {
    return trial(
        "mixture model of " + type,
        (graph, checkpoint) -> new Model(graph, checkpoint, type).mixture());
  }

  /** Writes a model's graph. */
  private static final class Model {
    private static final int HEADS = 4;
    private static final int KV_HEADS = 2;
    private static final int ROPE = 8;
    private static final int EXPERTS = 6;

    private final GraphBuilder graph;
    private final MemoryCheckpoint checkpoint;
    private final DataType type;
    private final int hidden;
    private final int inner;

    Model(GraphBuilder graph, MemoryCheckpoint checkpoint, DataType type) {
      this.graph = graph;
      this.checkpoint = checkpoint;
      this.type = type;
      this.hidden = type.isBlocked() ? Math.max(64, type.blockElements()) : 72;
      this.inner = type.isBlocked() ? 2 * hidden : 100;
    }

    private Weight weight(String name, Weight.Use use, long... dims) {
      DataType stored = use == Weight.Use.VECTOR ? DataType.F32 : type;
      return RandomTensors.add(checkpoint, name, stored, use, dims);
    }

    private Value linear(String name, Value x, int rows) {
      return graph.linear(
          name, x, weight(name, Weight.Use.MATRIX, rows, x.width()), Optional.empty());
    }

    private Value norm(String name, Value x) {
      return graph.rmsNorm(name, x, weight(name, Weight.Use.VECTOR, x.width()), EPSILON);
    }

    private Op.Rope rope(int heads, int dim, int offset, int pairs) {
      float[] frequencies = new float[pairs];
      for (int j = 0; j < pairs; j++) {
        frequencies[j] = (float) Math.pow(10000, -(double) j / pairs);
      }
      return new Op.Rope(heads, dim, offset, false, new InverseFrequencies(frequencies), 1);
    }

    private Value embed() {
      return graph.embed("embed", weight("table", Weight.Use.GATHER, VOCABULARY, hidden));
    }

    private void logits(Value x) {
      graph.layer(LAYERS);
      graph.output(Graph.HIDDEN, x);
      graph.logits(
          Graph.LOGITS, norm("norm", x), weight("head", Weight.Use.MATRIX, VOCABULARY, hidden));
    }

    private Value gated(String name, Value x) {
      return linear(
          name + ".down",
          graph.swiGlu(
              name + ".act", linear(name + ".gate", x, inner), linear(name + ".up", x, inner)),
          hidden);
    }

    void dense() {
      Value x = embed();
      int dim = hidden / HEADS;
      for (int layer = 0; layer < LAYERS; layer++) {
        graph.layer(layer);
        String at = "layer" + layer;
        Value h = norm(at + ".norm1", x);
        Value q = linear(at + ".q", h, hidden);
        Value k = linear(at + ".k", h, KV_HEADS * dim);
        Value v = linear(at + ".v", h, KV_HEADS * dim);
        Value q2 = graph.rope(at + ".qr", q, rope(HEADS, dim, 0, dim / 2));
        Value k2 = graph.rope(at + ".kr", k, rope(KV_HEADS, dim, 0, dim / 2));
        CacheSpec cache =
            graph.cache(
                0,
                new Plane("key", KV_HEADS * dim, CACHE),
                new Plane("value", KV_HEADS * dim, CACHE));
        Value a =
            graph.attention(
                at + ".attention",
                q2,
                k2,
                v,
                new Op.Attention(cache, HEADS, KV_HEADS, dim, (float) (1 / Math.sqrt(dim))));
        x = graph.add(at + ".add1", x, linear(at + ".o", a, hidden));
        x = graph.add(at + ".add2", x, gated(at, norm(at + ".norm2", x)));
      }
      logits(x);
    }

    void mixture() {
      Value x = embed();
      for (int layer = 0; layer < LAYERS; layer++) {
        graph.layer(layer);
        String at = "layer" + layer;
        Value a = latent(at, norm(at + ".norm1", x));
        x = graph.add(at + ".add1", x, linear(at + ".o", a, hidden));
        Value h = norm(at + ".norm2", x);
        Value both = graph.add(at + ".both", gated(at + ".shared", h), experts(at, h));
        x = graph.add(at + ".add2", x, both);
      }
      logits(x);
    }

    private Value latent(String at, Value h) {
      int nope = 20;
      int valueDim = type.isBlocked() ? 16 * type.blockElements() / 32 : 12;
      int rank = hidden;
      Value q =
          graph.rope(
              at + ".qr",
              linear(at + ".q", h, HEADS * (nope + ROPE)),
              rope(HEADS, nope + ROPE, nope, ROPE / 2));
      Value both = linear(at + ".kv", h, rank + ROPE);
      Value latent = norm(at + ".kv.norm", graph.slice(at + ".latent", both, 0, rank));
      Value rope =
          graph.rope(
              at + ".kr", graph.slice(at + ".k", both, rank, ROPE), rope(1, ROPE, 0, ROPE / 2));
      CacheSpec cache =
          graph.cache(0, new Plane("latent", rank, CACHE), new Plane("rope", ROPE, CACHE));
      Weight.Use use = Weight.Use.MATRIX;
      return graph.latentAttention(
          at + ".attention",
          q,
          latent,
          rope,
          new Op.LatentAttention(
              cache,
              HEADS,
              nope,
              ROPE,
              valueDim,
              weight(at + ".keyUp", use, HEADS, nope, rank),
              weight(at + ".valueUp", use, HEADS, valueDim, rank),
              0.2f));
    }

    private Value experts(String at, Value h) {
      Weight gate =
          RandomTensors.add(
              checkpoint, at + ".router", DataType.F32, Weight.Use.MATRIX, EXPERTS, hidden);
      GraphBuilder.Routed routed =
          graph.route(
              at + ".route",
              h,
              new Op.Route(gate, Optional.empty(), 1, 1, 2, Op.Route.Score.SIGMOID, true, 1));
      Weight.Use use = Weight.Use.EXPERTS;
      return graph.experts(
          at + ".experts",
          h,
          routed,
          new Op.Experts(
              weight(at + ".egate", use, EXPERTS, inner, hidden),
              weight(at + ".eup", use, EXPERTS, inner, hidden),
              weight(at + ".edown", use, EXPERTS, hidden, inner)));
    }
  }
}
