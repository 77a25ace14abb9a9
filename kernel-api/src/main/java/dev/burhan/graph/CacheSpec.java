package dev.burhan.graph;

import java.util.List;

/**
 * What one attention op keeps per token. Grouped-query attention has the planes key and value of
 * kvHeads x headDim numbers each; multi-head latent attention has latent (kv_lora_rank) and rope
 * (qk_rope_head_dim) for all heads together. From this alone pages are counted and planned before a
 * weight is read.
 *
 * @param id unique within the graph, counted from 0
 * @param layer the layer it belongs to
 * @param planes at least one
 * @param window how many last tokens attention sees; 0 for all
 */
public record CacheSpec(int id, int layer, List<Plane> planes, int window) {
  public CacheSpec {
    planes = List.copyOf(planes);
  }
}
