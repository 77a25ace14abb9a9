package dev.burhan.kernel.executor;

import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The nodes of a graph in groups of neighbours that don't need each other: query, key and value
 * projections run as one parallel region.
 *
 * <p>Groups that follow one another and whose nodes treat columns by themselves share a place in
 * time, since one column may be at the last of them while another is at the first. A value lives
 * from its writer's place to its last reader's.
 */
record NodeGroups(List<List<Node>> groups, Map<Integer, Integer> born, Map<Integer, Integer> dies) {

  static NodeGroups of(Graph graph) {
    List<List<Node>> groups = new ArrayList<>();
    Set<Integer> writtenInGroup = new HashSet<>();
    for (Node node : graph.nodes()) {
      boolean needsGroup =
          node.in().stream().anyMatch(value -> writtenInGroup.contains(value.id()));
      if (groups.isEmpty() || needsGroup) {
        groups.add(new ArrayList<>());
        writtenInGroup.clear();
      }
      groups.getLast().add(node);
      node.out().forEach(value -> writtenInGroup.add(value.id()));
    }
    return timed(graph, groups);
  }

  private static NodeGroups timed(Graph graph, List<List<Node>> groups) {
    Map<Integer, Integer> born = new HashMap<>();
    Map<Integer, Integer> dies = new HashMap<>();
    graph.inputs().forEach(value -> born.put(value.id(), -1));
    int place = -1;
    boolean chained = false;
    for (List<Node> group : groups) {
      boolean byColumn = byColumn(group);
      if (!(chained && byColumn)) {
        place++;
      }
      chained = byColumn;
      for (Node node : group) {
        for (Value value : node.out()) {
          born.put(value.id(), place);
          dies.put(value.id(), place);
        }
        for (Value value : node.in()) {
          dies.put(value.id(), place);
        }
      }
    }
    int end = place + 1;
    graph.outputs().values().forEach(value -> dies.put(value.id(), end));
    return new NodeGroups(groups, born, dies);
  }

  /**
   * Whether the group may be part of a chain: each node's op makes a column of its outputs from the
   * same column of its inputs, at little cost. Whether it becomes one is up to its kernels.
   */
  static boolean byColumn(List<Node> group) {
    return group.stream().allMatch(node -> byColumn(node.op()));
  }

  private static boolean byColumn(Op op) {
    return switch (op) {
      // A column's matrix products are worth all threads; attention reads other columns' keys.
      case Op.Linear _, Op.Experts _, Op.Attention _, Op.LatentAttention _, Op.Logits _ -> false;
      default -> true;
    };
  }
}
