package dev.burhan.modelr1;

import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.model.ModelGraph;
import dev.burhan.model.ModelInfo;
import dev.burhan.modelr1.Settings.Head;
import java.util.Optional;

/** The graph, from token to logits, and the one that drafts. */
final class DeepSeekGraph {
  private final Settings s;
  private final Tensors tensors;

  DeepSeekGraph(Settings settings, Tensors tensors) {
    this.s = settings;
    this.tensors = tensors;
  }

  ModelGraph build() {
    Weight embedding = tensors.embedding(Part.EMBEDDING, 0, s.vocabulary(), s.hidden());
    Weight head = head(embedding);
    Weight finalNorm = tensors.vector(Part.FINAL_NORM, 0, s.hidden());
    Graph graph = main(embedding, finalNorm, head);
    ModelInfo info =
        new ModelInfo(
            s.architecture(),
            s.title(),
            s.layers(),
            s.hidden(),
            s.vocabulary(),
            s.context(),
            tensors.parameters());
    Optional<Graph> draft =
        drafts() ? Optional.of(draft(embedding, finalNorm, head)) : Optional.empty();
    tensors.refuseStrangers(s.architecture());
    return new ModelGraph(info, graph, draft);
  }

  private Weight head(Weight embedding) {
    boolean own =
        s.head() == Head.OWN || s.head() == Head.OWN_IF_PRESENT && tensors.has(Part.HEAD, 0);
    return own ? tensors.matrix(Part.HEAD, 0, s.vocabulary(), s.hidden()) : tensors.tied(embedding);
  }

  private Graph main(Weight embedding, Weight finalNorm, Weight head) {
    GraphBuilder g = new GraphBuilder();
    DecoderLayer decoder = new DecoderLayer(s, tensors, g);
    Value x = g.embed("embedding", embedding);
    for (int layer = 0; layer < s.layers(); layer++) {
      x = decoder.layer(layer, x);
    }
    g.layer(s.layers());
    g.output(Graph.HIDDEN, x);
    g.logits("logits", g.rmsNorm("final.norm", x, finalNorm, s.epsilon()), head);
    return g.build();
  }

  /** Whether the layer behind the last one drafts; folders made of DeepSeek's may lack it. */
  private boolean drafts() {
    boolean drafts = tensors.has(Part.DRAFT_JOIN, s.layers());
    if (!drafts && s.draftLayers() > 0 && tensors.hasLayer(s.layers())) {
      throw tensors.missingDraft(s.layers());
    }
    for (int further = 1; drafts && further < s.draftLayers(); further++) {
      tensors.ignoreLayer(s.layers() + further); // would guess the tokens after the next one
    }
    return drafts;
  }

  /**
   * Multi-token prediction (DeepSeek-V3, section 2.2): {@code h' = eh_proj [enorm(Emb(t_{i+1}));
   * hnorm(h_i)]}, one layer, logits of t_{i+2}. h_i is the main model's row behind its final norm
   * (as vLLM and transformers take it), which is applied here, so that what goes in is what the
   * main graph gives out.
   */
  private Graph draft(Weight embedding, Weight finalNorm, Weight head) {
    int layer = s.layers();
    GraphBuilder g = new GraphBuilder();
    DecoderLayer decoder = new DecoderLayer(s, tensors, g);
    g.layer(layer);
    Value hidden = g.input(Graph.HIDDEN, s.hidden());
    Weight tokens =
        tensors.has(Part.DRAFT_EMBEDDING, layer)
            ? tensors.embedding(Part.DRAFT_EMBEDDING, layer, s.vocabulary(), s.hidden())
            : embedding;
    Value token = norm(g, "draft.enorm", g.embed("draft.embedding", tokens), Part.DRAFT_TOKEN_NORM);
    Value before =
        norm(
            g,
            "draft.hnorm",
            g.rmsNorm("final.norm", hidden, finalNorm, s.epsilon()),
            Part.DRAFT_HIDDEN_NORM);
    Value joined =
        g.linear(
            "draft.joined",
            g.concat("draft.both", token, before),
            tensors.matrix(Part.DRAFT_JOIN, layer, s.hidden(), 2 * s.hidden()),
            Optional.empty());
    Value x = decoder.layer(layer, joined);
    g.layer(layer + 1);
    g.output(Graph.HIDDEN, x);
    Value normed =
        tensors.has(Part.DRAFT_FINAL_NORM, layer)
            ? norm(g, "draft.norm", x, Part.DRAFT_FINAL_NORM)
            : g.rmsNorm("draft.norm", x, finalNorm, s.epsilon());
    Weight draftHead =
        tensors.has(Part.DRAFT_HEAD, layer)
            ? tensors.matrix(Part.DRAFT_HEAD, layer, s.vocabulary(), s.hidden())
            : head;
    g.logits("logits", normed, draftHead);
    return g.build();
  }

  private Value norm(GraphBuilder g, String name, Value x, Part part) {
    return g.rmsNorm(name, x, tensors.vector(part, s.layers(), s.hidden()), s.epsilon());
  }
}
