package dev.burhan.model;

import dev.burhan.graph.Graph;
import java.util.Optional;

/**
 * A checkpoint's graph with what is known about the model.
 *
 * @param info facts for people, limits and planning
 * @param graph from token ids to {@link Graph#LOGITS} and {@link Graph#HIDDEN}
 * @param draft the checkpoint's own head for guessing one token further (DeepSeek-V3, section 2.2),
 *     if it has one: a program of its own, over the same weights. Its input {@link Graph#HIDDEN}
 *     takes the rows of the output of that name of {@code graph}; the column at position i is given
 *     the hidden row of position i and the token of position i + 1, and its {@link Graph#LOGITS}
 *     are those of the token at i + 2. Its own caches hold positions from 0 on, each of which it
 *     must have seen.
 */
public record ModelGraph(ModelInfo info, Graph graph, Optional<Graph> draft) {

  /** A model without a draft head. */
  public ModelGraph(ModelInfo info, Graph graph) {
    this(info, graph, Optional.empty());
  }
}
