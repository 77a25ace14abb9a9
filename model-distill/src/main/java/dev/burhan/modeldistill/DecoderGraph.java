package dev.burhan.modeldistill;

import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.model.ModelGraph;
import dev.burhan.model.ModelInfo;
import dev.burhan.modeldistill.DecoderSettings.Bias;
import dev.burhan.modeldistill.DecoderSettings.Head;
import dev.burhan.tensor.DataType;
import java.util.List;

/** The graph, from token to logits. */
final class DecoderGraph {
  private static final List<DataType> CACHE_TYPES =
      List.of(DataType.F32, DataType.F16, DataType.BF16);

  /** Where a head is whole blocks. */
  private static final List<DataType> BLOCK_CACHE_TYPES =
      List.of(DataType.F32, DataType.F16, DataType.BF16, DataType.Q8_0);

  private final DecoderSettings s;
  private final DecoderTensors tensors;
  private final GraphBuilder g = new GraphBuilder();

  DecoderGraph(DecoderSettings settings, DecoderTensors tensors) {
    this.s = settings;
    this.tensors = tensors;
  }

  ModelGraph build() {
    Weight embedding = tensors.embedding(s.vocabulary(), s.hidden());
    Value x = g.embed("embedding", embedding);
    for (int layer = 0; layer < s.layers(); layer++) {
      g.layer(layer);
      x =
          g.add(
              "residual",
              x,
              attention(layer, norm("attention.norm", x, Part.ATTENTION_NORM, layer)));
      x =
          g.add(
              "residual",
              x,
              feedForward(layer, norm("ffn.norm", x, Part.FEED_FORWARD_NORM, layer)));
    }
    g.layer(s.layers());
    g.output(Graph.HIDDEN, x);
    g.logits("logits", norm("final.norm", x, Part.FINAL_NORM, 0), head(embedding));
    tensors.refuseStrangers(s.architecture());
    return new ModelGraph(info(), g.build());
  }

  private Value attention(int layer, Value x) {
    int queryWidth = s.heads() * s.headDim();
    int keyWidth = s.kvHeads() * s.headDim();
    Value query = linear("query", x, Part.QUERY, layer, queryWidth, s.queryKeyValueBias());
    Value key = linear("key", x, Part.KEY, layer, keyWidth, s.queryKeyValueBias());
    Value value = linear("value", x, Part.VALUE, layer, keyWidth, s.queryKeyValueBias());
    if (s.queryKeyNorm()) {
      query = headNorm("query.norm", query, Part.QUERY_NORM, layer);
      key = headNorm("key.norm", key, Part.KEY_NORM, layer);
    }
    query = g.rope("query.rope", query, rope(s.heads()));
    key = g.rope("key.rope", key, rope(s.kvHeads()));
    CacheSpec cache =
        g.cache(
            s.windows().get(layer),
            new Plane("key", keyWidth, cacheTypes()),
            new Plane("value", keyWidth, cacheTypes()));
    float scale = (float) (1 / Math.sqrt(s.headDim()));
    Value heads =
        g.attention(
            "attention",
            query,
            key,
            value,
            new Op.Attention(cache, s.heads(), s.kvHeads(), s.headDim(), scale));
    return linear(
        "attention.output", heads, Part.ATTENTION_OUTPUT, layer, s.hidden(), s.outputBias());
  }

  private List<DataType> cacheTypes() {
    return s.headDim() % DataType.Q8_0.blockElements() == 0 ? BLOCK_CACHE_TYPES : CACHE_TYPES;
  }

  private Value feedForward(int layer, Value x) {
    Value gate = linear("gate", x, Part.GATE, layer, s.inner(), s.feedForwardBias());
    Value up = linear("up", x, Part.UP, layer, s.inner(), s.feedForwardBias());
    Value inner = g.swiGlu("swiglu", gate, up);
    return linear("down", inner, Part.DOWN, layer, s.hidden(), s.feedForwardBias());
  }

  private Value norm(String name, Value x, Part part, int layer) {
    return g.rmsNorm(name, x, tensors.vector(part, layer, s.hidden()), s.epsilon());
  }

  private Value headNorm(String name, Value x, Part part, int layer) {
    return g.rmsNorm(name, x, tensors.vector(part, layer, s.headDim()), s.epsilon());
  }

  private Value linear(String name, Value x, Part part, int layer, int rows, Bias bias) {
    return g.linear(
        name,
        x,
        tensors.matrix(part, layer, rows, x.width(), s.scaleBlock()),
        tensors.bias(part, layer, rows, bias));
  }

  private Op.Rope rope(int heads) {
    return new Op.Rope(
        heads,
        s.headDim(),
        0,
        s.rotary().interleaved(),
        s.rotary().frequencies(),
        s.rotary().scale());
  }

  private Weight head(Weight embedding) {
    boolean own = s.head() == Head.OWN || s.head() == Head.OWN_IF_PRESENT && tensors.hasHead();
    return own
        ? tensors.matrix(Part.HEAD, 0, s.vocabulary(), s.hidden(), s.scaleBlock())
        : tensors.tiedHead(embedding);
  }

  private ModelInfo info() {
    return new ModelInfo(
        s.architecture(),
        s.title(),
        s.layers(),
        s.hidden(),
        s.vocabulary(),
        s.context(),
        tensors.parameters());
  }
}
