package dev.burhan.kernel.executor;

import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The nodes of a graph in groups of neighbours that don't need each other: query, key and value
 * projections run as one parallel region. A value lives from its writer's group to its last
 * reader's.
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
    Map<Integer, Integer> born = new HashMap<>();
    Map<Integer, Integer> dies = new HashMap<>();
    graph.inputs().forEach(value -> born.put(value.id(), -1));
    for (int group = 0; group < groups.size(); group++) {
      for (Node node : groups.get(group)) {
        for (Value value : node.out()) {
          born.put(value.id(), group);
          dies.put(value.id(), group);
        }
        for (Value value : node.in()) {
          dies.put(value.id(), group);
        }
      }
    }
    graph.outputs().values().forEach(value -> dies.put(value.id(), groups.size()));
    return new NodeGroups(groups, born, dies);
  }
}
