package dev.burhan.kernel.inspect;

import dev.burhan.backend.Plan;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.Graph;
import dev.burhan.model.ModelGraph;
import dev.burhan.model.ModelInfo;
import dev.burhan.tensor.DataType;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What can be said about a model without reading a weight.
 *
 * @param model as it was asked for
 * @param checkpoint open as long as this is used
 * @param tensors by type, the largest share of bytes first
 * @param graph empty if no bundle knows the architecture
 * @param plan how the backend would run it; empty without a graph or without a usable backend
 * @param missing why there is no graph or no plan, a reason a line
 */
record Inspection(
    String model,
    Checkpoint checkpoint,
    List<TypeShare> tensors,
    Optional<ModelGraph> graph,
    Optional<BackendPlan> plan,
    List<String> missing) {

  /** The tensors of one type. */
  record TypeShare(DataType type, int tensors, long parameters, long bytes) {}

  /** A backend's plan. */
  record BackendPlan(String backend, Plan plan) {
    /** KV bytes of one token over all layers. */
    double cacheBytesPerToken() {
      return (double) plan.pageBytes() / plan.limits().tokensPerPage();
    }

    /** KV bytes of all pages. */
    long cacheBytes() {
      return plan.pageBytes() * plan.limits().pages();
    }

    long totalBytes() {
      return plan.weightBytes() + cacheBytes() + plan.scratchBytes();
    }

    /** How many nodes each library runs. */
    Map<String, Integer> placement() {
      Map<String, Integer> nodes = new LinkedHashMap<>();
      plan.placement().forEach(library -> nodes.merge(library, 1, Integer::sum));
      return nodes;
    }
  }

  Inspection {
    tensors = List.copyOf(tensors);
    missing = List.copyOf(missing);
  }

  static List<TypeShare> byType(Checkpoint checkpoint) {
    Map<DataType, TypeShare> shares = new LinkedHashMap<>();
    for (TensorInfo tensor : checkpoint.tensors().values()) {
      shares.merge(
          tensor.type(),
          new TypeShare(tensor.type(), 1, tensor.shape().elements(), tensor.bytes()),
          (a, b) ->
              new TypeShare(
                  a.type(),
                  a.tensors() + b.tensors(),
                  a.parameters() + b.parameters(),
                  a.bytes() + b.bytes()));
    }
    return shares.values().stream()
        .sorted(Comparator.comparingLong(TypeShare::bytes).reversed())
        .toList();
  }

  TypeShare total() {
    return tensors.stream()
        .reduce(
            new TypeShare(DataType.F32, 0, 0, 0),
            (a, b) ->
                new TypeShare(
                    a.type(),
                    a.tensors() + b.tensors(),
                    a.parameters() + b.parameters(),
                    a.bytes() + b.bytes()));
  }

  Optional<ModelInfo> info() {
    return graph.map(ModelGraph::info);
  }

  Graph nodes() {
    return graph.orElseThrow().graph();
  }
}
