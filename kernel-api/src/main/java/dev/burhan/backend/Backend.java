package dev.burhan.backend;

import dev.burhan.graph.Graph;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** Runs whole graphs. Thread-safe. */
@ConsumerType
public interface Backend extends AutoCloseable {

  /**
   * How it would run the graph; reads no weight, takes no memory, never throws because of the
   * graph.
   */
  Plan plan(Graph graph, Limits limits);

  /**
   * Binds a plan of this backend to weights.
   *
   * @throws dev.burhan.provider.BurhanException if the plan is not possible, a weight can't be
   *     read, or memory is short; nothing stays allocated then
   */
  Program compile(Plan plan, WeightStore weights);

  /**
   * The weights that a program of this plan would have the store pack, so that they can be packed
   * ahead of it; reads none.
   */
  default List<PackedWeight> packedWeights(Plan plan) {
    return List.of();
  }

  /** Called once no program is left; idempotent. */
  @Override
  void close();
}
