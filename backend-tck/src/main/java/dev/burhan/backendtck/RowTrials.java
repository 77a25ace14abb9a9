package dev.burhan.backendtck;

import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Ops that work on one row at a time. */
final class RowTrials {
  private static final double ROUNDING = 1e-5;
  private static final double COPY = 1e-7;
  private static final int[] WIDTHS = {1, 7, 31, 64, 257};

  private RowTrials() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (DataType type : List.of(DataType.F32, DataType.BF16)) {
      cases.add(of("RmsNorm", type.name(), Op.RmsNorm.class, ROUNDING, norms(type)));
    }
    cases.add(of("Rope", "", Op.Rope.class, ROUNDING, ropes()));
    cases.add(
        of(
            "SwiGlu",
            "",
            Op.SwiGlu.class,
            ROUNDING,
            widths((g, w) -> g.output("y", g.swiGlu("y", g.input("a", w), g.input("b", w))))));
    cases.add(
        of(
            "Add",
            "",
            Op.Add.class,
            COPY,
            widths((g, w) -> g.output("y", g.add("y", g.input("a", w), g.input("b", w))))));
    cases.add(
        of(
            "Slice",
            "",
            Op.Slice.class,
            0,
            widths(
                (g, w) ->
                    g.output("y", g.slice("y", g.input("a", w + 5), Math.min(w / 3, 5), w)))));
    cases.add(
        of(
            "Concat",
            "",
            Op.Concat.class,
            0,
            widths(
                (g, w) ->
                    g.output(
                        "y",
                        g.concat("y", g.input("a", w), g.input("b", 3), g.input("c", w + 1))))));
    return cases;
  }

  private static OpCase of(
      String op, String type, Class<? extends Op> node, double tolerance, List<Trial> trials) {
    return new OpCase(op, type, node, false, tolerance, tolerance, trials);
  }

  private interface WidthBuild {
    void build(GraphBuilder graph, int width);
  }

  private static List<Trial> widths(WidthBuild build) {
    return IntStream.of(WIDTHS)
        .mapToObj(width -> trial("width " + width, graph -> build.build(graph, width)))
        .toList();
  }

  private static Trial trial(String name, Consumer<GraphBuilder> build) {
    return new Trial(name, (graph, _) -> build.accept(graph), MatrixTrials.few());
  }

  private static List<Trial> norms(DataType type) {
    List<Trial> trials = new ArrayList<>();
    for (int[] shape : new int[][] {{1, 1}, {7, 1}, {31, 3}, {64, 4}, {257, 1}, {128, 6}}) {
      trials.add(
          new Trial(
              shape[1] + " groups of " + shape[0],
              (graph, checkpoint) -> {
                Weight gain =
                    RandomTensors.add(checkpoint, "gain", type, Weight.Use.VECTOR, shape[0]);
                Value x = graph.input("x", shape[0] * shape[1]);
                graph.output("y", graph.rmsNorm("y", x, gain, 1e-6f));
              },
              MatrixTrials.few()));
    }
    return trials;
  }

  private record Head(int heads, int dim, int offset, boolean interleaved, int pairs, float scale) {
    Op.Rope op() {
      float[] frequencies = new float[pairs];
      for (int j = 0; j < pairs; j++) {
        frequencies[j] = (float) Math.pow(10000, -(double) j / pairs);
      }
      return new Op.Rope(
          heads, dim, offset, interleaved, new InverseFrequencies(frequencies), scale);
    }
  }

  private static List<Trial> ropes() {
    List<Trial> trials = new ArrayList<>();
    for (Head head :
        List.of(
            new Head(1, 2, 0, true, 1, 1),
            new Head(3, 10, 4, true, 3, 1),
            new Head(4, 64, 0, false, 32, 1),
            new Head(2, 24, 16, true, 4, 1.2f),
            new Head(5, 20, 0, false, 10, 1),
            new Head(1, 37, 3, false, 17, 0.7f))) {
      trials.add(
          trial(
                  head.toString(),
                  graph -> {
                    Value x = graph.input("x", head.heads() * head.dim());
                    graph.output("y", graph.rope("y", x, head.op()));
                  })
              .with(Company.stories(4, 45, new Random(2))));
    }
    return trials;
  }
}
