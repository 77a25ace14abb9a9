package dev.burhan.modelr1;

import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Value;
import dev.burhan.modelr1.Settings.Latent;
import dev.burhan.modelr1.Settings.Mixture;
import dev.burhan.tensor.DataType;
import java.util.List;
import java.util.Optional;

/** Writes layers: latent attention and a SwiGLU network or experts, each behind a norm. */
final class DecoderLayer {
  private static final List<DataType> CACHE_TYPES = List.of(DataType.F32, DataType.F16);

  private final Settings s;
  private final Latent a;
  private final Tensors tensors;
  private final GraphBuilder g;

  DecoderLayer(Settings settings, Tensors tensors, GraphBuilder builder) {
    this.s = settings;
    this.a = settings.latent();
    this.tensors = tensors;
    this.g = builder;
  }

  Value layer(int layer, Value x) {
    g.layer(layer);
    Value normed = norm("attention.norm", x, Part.ATTENTION_NORM, layer);
    x = g.add("residual", x, attention(layer, normed));
    normed = norm("ffn.norm", x, Part.FEED_FORWARD_NORM, layer);
    return g.add(
        "residual", x, s.hasExperts(layer) ? experts(layer, normed) : dense(layer, normed));
  }

  /** DeepSeek-V2, section 2.1. */
  private Value attention(int layer, Value x) {
    Value query = g.rope("query.rope", query(layer, x), rope(a.heads(), a.queryHead(), a.nope()));
    Value down = linear("latent.down", x, Part.LATENT_DOWN, layer, a.rank() + a.rope());
    Value latent =
        g.rmsNorm(
            "latent.norm",
            g.slice("latent", down, 0, a.rank()),
            tensors.vector(Part.LATENT_NORM, layer, a.rank()),
            Settings.LATENT_EPSILON);
    Value key = g.rope("key.rope", g.slice("key", down, a.rank(), a.rope()), rope(1, a.rope(), 0));
    CacheSpec cache =
        g.cache(
            0,
            new Plane("latent", a.rank(), CACHE_TYPES),
            new Plane("rope", a.rope(), CACHE_TYPES));
    Tensors.Up up = tensors.latentUp(layer, a);
    Op.LatentAttention op =
        new Op.LatentAttention(
            cache, a.heads(), a.nope(), a.rope(), a.valueDim(), up.key(), up.value(), scale());
    Value heads = g.latentAttention("attention", query, latent, key, op);
    return linear("attention.output", heads, Part.ATTENTION_OUTPUT, layer, s.hidden());
  }

  private Value query(int layer, Value x) {
    int width = a.heads() * a.queryHead();
    if (a.queryRank() == 0) {
      return linear("query", x, Part.QUERY, layer, width);
    }
    Value down = linear("query.down", x, Part.QUERY_DOWN, layer, a.queryRank());
    Value normed =
        g.rmsNorm(
            "query.norm",
            down,
            tensors.vector(Part.QUERY_NORM, layer, a.queryRank()),
            Settings.LATENT_EPSILON);
    return linear("query", normed, Part.QUERY_UP, layer, width);
  }

  private float scale() {
    return (float) (s.rotary().softmaxFactor() / Math.sqrt(a.queryHead()));
  }

  private Op.Rope rope(int heads, int headDim, int offset) {
    return new Op.Rope(
        heads,
        headDim,
        offset,
        s.rotary().interleaved(),
        s.rotary().frequencies(),
        s.rotary().scale());
  }

  /**
   * DeepSeek-V3, section 2.1.2. The shared expert stands between the router and the routed experts,
   * so that these can be fetched while it runs.
   */
  private Value experts(int layer, Value x) {
    Mixture m = s.mixture().orElseThrow();
    GraphBuilder.Routed routed =
        g.route(
            "router",
            x,
            new Op.Route(
                tensors.matrix(Part.ROUTER, layer, m.experts(), s.hidden()),
                tensors.routerBias(layer, m),
                m.groups(),
                m.groupsKept(),
                m.top(),
                m.score(),
                m.normalise(),
                m.scale(),
                m.ranking()));
    Optional<Value> shared =
        m.shared() == 0 ? Optional.empty() : Optional.of(shared(layer, x, m.shared() * m.inner()));
    Value chosen =
        g.experts(
            "experts",
            x,
            routed,
            new Op.Experts(
                tensors.experts(Part.EXPERTS_GATE, layer, m.experts(), m.inner(), s.hidden()),
                tensors.experts(Part.EXPERTS_UP, layer, m.experts(), m.inner(), s.hidden()),
                tensors.experts(Part.EXPERTS_DOWN, layer, m.experts(), s.hidden(), m.inner())));
    return shared.map(value -> g.add("ffn", chosen, value)).orElse(chosen);
  }

  private Value shared(int layer, Value x, int inner) {
    Value gate = linear("shared.gate", x, Part.SHARED_GATE, layer, inner);
    Value up = linear("shared.up", x, Part.SHARED_UP, layer, inner);
    Value within = g.swiGlu("shared.swiglu", gate, up);
    return linear("shared.down", within, Part.SHARED_DOWN, layer, s.hidden());
  }

  private Value dense(int layer, Value x) {
    Value gate = linear("gate", x, Part.GATE, layer, s.inner());
    Value up = linear("up", x, Part.UP, layer, s.inner());
    return linear("down", g.swiGlu("swiglu", gate, up), Part.DOWN, layer, s.hidden());
  }

  private Value norm(String name, Value x, Part part, int layer) {
    return g.rmsNorm(name, x, tensors.vector(part, layer, s.hidden()), s.epsilon());
  }

  private Value linear(String name, Value x, Part part, int layer, int rows) {
    return g.linear(name, x, tensors.matrix(part, layer, rows, x.width()), Optional.empty());
  }
}
