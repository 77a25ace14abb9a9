package dev.burhan.model;

import dev.burhan.graph.Graph;

/**
 * A checkpoint's graph with what is known about the model.
 *
 * @param info facts for people, limits and planning
 * @param graph from token ids to {@link Graph#LOGITS} and {@link Graph#HIDDEN}
 */
public record ModelGraph(ModelInfo info, Graph graph) {}
