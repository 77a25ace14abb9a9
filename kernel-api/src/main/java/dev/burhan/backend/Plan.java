package dev.burhan.backend;

import dev.burhan.graph.Graph;
import java.util.List;

/**
 * How a backend would run a graph, made without reading a weight.
 *
 * @param graph what would run, custom ops expanded that the backend does not know
 * @param limits what it is sized for
 * @param placement for each node of the graph what runs it, such as {@code vector}, or {@code
 *     blas+vector} if prompt columns are the first one's and generated ones the other's; same order
 *     as the nodes
 * @param weightBytes bytes of all weights in the layouts it would use, each copy once; not those of
 *     a table whose rows are looked up in the mapped file if it is packed too; of experts at most
 *     {@link Limits#expertBytes}
 * @param pageBytes bytes of one KV page over all caches
 * @param scratchBytes activations and scratch
 * @param bytesPerToken bytes of weights read for one generated token
 * @param flopsPerToken floating point operations for one token without attention
 * @param numerics what is promised about bits
 * @param refusals why it can't run, one reason a line; empty if it can
 */
public record Plan(
    Graph graph,
    Limits limits,
    List<String> placement,
    long weightBytes,
    long pageBytes,
    long scratchBytes,
    double bytesPerToken,
    double flopsPerToken,
    Numerics numerics,
    List<String> refusals) {
  public Plan {
    placement = List.copyOf(placement);
    refusals = List.copyOf(refusals);
  }

  public boolean possible() {
    return refusals.isEmpty();
  }
}
