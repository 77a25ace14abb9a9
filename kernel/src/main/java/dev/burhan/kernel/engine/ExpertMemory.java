package dev.burhan.kernel.engine;

import dev.burhan.engine.LoadRequest;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import dev.burhan.provider.UsageException;
import java.util.Map;

/** The option {@link LoadRequest#EXPERT_MEMORY}. */
final class ExpertMemory {
  private ExpertMemory() {}

  /**
   * Bytes that a model's experts may take; 0 if all are to be in memory, also because all fit.
   *
   * @throws UsageException if it is no size
   */
  static long bytes(Map<String, String> options, Graph graph) {
    String value = options.get(LoadRequest.EXPERT_MEMORY);
    if (value == null) {
      return 0;
    }
    long bytes = EngineOptions.size(LoadRequest.EXPERT_MEMORY, value);
    long all =
        graph.nodes().stream()
            .flatMap(node -> Weights.of(node.op()).stream())
            .filter(weight -> weight.use() == Weight.Use.EXPERTS)
            .mapToLong(Weight::bytes)
            .sum();
    return bytes >= all ? 0 : bytes;
  }
}
