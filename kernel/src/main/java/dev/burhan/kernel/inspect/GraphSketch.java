package dev.burhan.kernel.inspect;

import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph as a picture shows it: layers that follow one another and are alike become one block that
 * says how many they are. Alike are layers with the same ops, widths and connections; the types of
 * their weights may differ and are all named.
 *
 * @param blocks in the order in which they run
 * @param edges between boxes, by number; each once
 */
record GraphSketch(List<Block> blocks, List<Edge> edges) {

  /** Layers that are alike. */
  record Block(int firstLayer, int layers, List<Box> boxes) {
    Block {
      boxes = List.copyOf(boxes);
    }

    /** {@code layers 0 to 23, x 24}; empty for what stands before and after the layers. */
    String title() {
      return layers == 1
          ? ""
          : "layers %d to %d  (x %d)".formatted(firstLayer, firstLayer + layers - 1, layers);
    }
  }

  /**
   * One op.
   *
   * @param number unique within the sketch, in the order in which they run
   * @param title the op
   * @param lines what is said about it: weights
   */
  record Box(int number, String title, List<String> lines) {
    Box {
      lines = List.copyOf(lines);
    }
  }

  /** A value that one box writes and another reads. */
  record Edge(int from, int to, int width) {}

  GraphSketch {
    blocks = List.copyOf(blocks);
    edges = List.copyOf(edges);
  }

  static GraphSketch of(Graph graph) {
    return new Sketcher(graph).sketch();
  }

  List<Box> boxes() {
    return blocks.stream().flatMap(block -> block.boxes().stream()).toList();
  }

  private static final class Sketcher {
    private final Graph graph;
    private final List<Block> blocks = new ArrayList<>();
    private final Set<Edge> edges = new LinkedHashSet<>();
    private final Map<Integer, Integer> boxOfValue = new HashMap<>();
    private int nextBox;

    Sketcher(Graph graph) {
      this.graph = graph;
    }

    GraphSketch sketch() {
      if (!graph.inputs().isEmpty()) {
        List<Box> inputs = new ArrayList<>();
        for (Value input : graph.inputs()) {
          boxOfValue.put(input.id(), nextBox);
          inputs.add(new Box(nextBox++, "input " + input.name(), List.of()));
        }
        blocks.add(new Block(-1, 1, inputs));
      }
      List<List<Node>> layers = layers();
      for (int i = 0; i < layers.size(); ) {
        int end = i + 1;
        while (end < layers.size() && alike(layers.get(i), layers.get(end))) {
          end++;
        }
        add(layers.subList(i, end));
        i = end;
      }
      return new GraphSketch(blocks, List.copyOf(edges));
    }

    private List<List<Node>> layers() {
      Map<Integer, List<Node>> layers = new LinkedHashMap<>();
      for (Node node : graph.nodes()) {
        layers.computeIfAbsent(node.layer(), layer -> new ArrayList<>()).add(node);
      }
      return List.copyOf(layers.values());
    }

    private static boolean alike(List<Node> a, List<Node> b) {
      return shape(a).equals(shape(b));
    }

    /** Ops, widths and connections: values from outside are numbered by first use. */
    private static List<String> shape(List<Node> nodes) {
      Map<Integer, Integer> numbers = new HashMap<>();
      List<String> shape = new ArrayList<>();
      for (Node node : nodes) {
        StringBuilder line = new StringBuilder(OpText.name(node.op()));
        for (Value value : node.in()) {
          line.append(' ').append(numbers.computeIfAbsent(value.id(), id -> numbers.size()));
        }
        for (Value value : node.out()) {
          line.append(" = ").append(numbers.computeIfAbsent(value.id(), id -> numbers.size()));
          line.append(':').append(value.width());
        }
        for (Weight weight : Weights.of(node.op())) {
          line.append(' ').append(weight.shape());
        }
        shape.add(line.toString());
      }
      return shape;
    }

    private void add(List<List<Node>> layers) {
      List<Box> boxes = new ArrayList<>();
      List<Node> first = layers.getFirst();
      for (int i = 0; i < first.size(); i++) {
        Node node = first.get(i);
        int number = nextBox++;
        int index = i;
        boxes.add(
            new Box(
                number,
                OpText.name(node.op()),
                lines(layers.stream().map(layer -> layer.get(index)).toList())));
        for (Value value : node.in()) {
          edges.add(new Edge(boxOfValue.get(value.id()), number, value.width()));
        }
        node.out().forEach(value -> boxOfValue.put(value.id(), number));
      }
      // What comes after reads the last layer's values: they stand for the same box.
      for (List<Node> layer : layers) {
        for (int i = 0; i < layer.size(); i++) {
          int number = boxes.get(i).number();
          layer.get(i).out().forEach(value -> boxOfValue.put(value.id(), number));
        }
      }
      blocks.add(new Block(first.getFirst().layer(), layers.size(), boxes));
    }

    /** The weights of one node in all layers. */
    private static List<String> lines(List<Node> alike) {
      List<String> lines = new ArrayList<>();
      List<Weight> weights = Weights.of(alike.getFirst().op());
      for (int w = 0; w < weights.size(); w++) {
        int index = w;
        Set<String> types = new LinkedHashSet<>();
        alike.forEach(node -> types.add(Weights.of(node.op()).get(index).type().name()));
        lines.add(
            withoutLayer(weights.get(w).name(), alike)
                + " "
                + String.join("|", types)
                + " "
                + weights.get(w).shape());
      }
      return lines;
    }

    private static String withoutLayer(String name, List<Node> alike) {
      return alike.size() == 1
          ? name
          : name.replaceFirst("(^|\\.)" + alike.getFirst().layer() + "\\.", "$1*.");
    }
  }
}
