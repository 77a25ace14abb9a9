package dev.burhan.backend;

import dev.burhan.graph.Graph;
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

  /** Called once no program is left; idempotent. */
  @Override
  void close();
}
