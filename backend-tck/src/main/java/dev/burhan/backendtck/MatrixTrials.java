package dev.burhan.backendtck;

import dev.burhan.backendtck.RandomTensors.Fill;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.tensor.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/** Products and embedding of each weight type. */
final class MatrixTrials {
  /** Half a unit of 127 for each number, and some rounding on top. */
  static final double EIGHT_BITS = 0.005;

  static final double ROUNDING = 1e-5;
  private static final double WIDENING = 1e-6;
  private static final double SHORT = 256; // terms that the tolerances are meant for
  private static final int[] ROWS = {1, 5, 16, 33, 67, 3, 40};
  private static final int[] COLS = {1, 7, 31, 64, 257, 130, 17};

  private MatrixTrials() {}

  static List<Story> few() {
    return Company.stories(5, 11, new Random(5));
  }

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (DataType type : RandomTensors.types()) {
      boolean blocked = type.isBlocked();
      cases.add(
          new OpCase(
              "Linear", type.name(), Op.Linear.class, blocked, ROUNDING, EIGHT_BITS, linear(type)));
      cases.add(
          new OpCase(
              "Logits",
              type.name(),
              Op.Logits.class,
              blocked,
              ROUNDING,
              EIGHT_BITS,
              List.of(
                  product(type, 37, cols(type, 3), Fill.RANDOM, false, true),
                  product(type, 1, cols(type, 0), Fill.RANDOM, false, true))));
      cases.add(
          new OpCase(
              "Embed",
              type.name(),
              Op.Embed.class,
              false,
              WIDENING,
              WIDENING,
              List.of(embed(type, cols(type, 5)), embed(type, cols(type, 0)))));
    }
    return cases;
  }

  private static int cols(DataType type, int shape) {
    return switch (type.blockElements()) {
      case 1 -> COLS[shape];
      case 256 -> 256 * (1 + shape % 3);
      default -> type.blockElements() * (1 + shape);
    };
  }

  private static List<Trial> linear(DataType type) {
    List<Trial> trials = new ArrayList<>();
    for (int shape = 0; shape < ROWS.length; shape++) {
      trials.add(product(type, ROWS[shape], cols(type, shape), Fill.RANDOM, shape % 2 == 1, false));
    }
    for (Fill fill : List.of(Fill.ZERO, Fill.SET, Fill.CLEAR)) {
      trials.add(product(type, 19, cols(type, 4), fill, false, false));
    }
    Trial many = product(type, 35, cols(type, 2), Fill.RANDOM, false, false);
    trials.add(many.with(List.of(new Story(0, 67, 70))));
    trials.add(many.with(List.of(new Story(0, 1, 1))));
    return trials;
  }

  /** One product: {@code y = W x} or with a bias. */
  static Trial product(DataType type, int rows, int cols, Fill fill, boolean bias, boolean logits) {
    Trial.Build build =
        (graph, checkpoint) -> build(graph, checkpoint, type, rows, cols, fill, bias, logits);
    String name =
        "%d x %d%s%s"
            .formatted(
                rows,
                cols,
                fill == Fill.RANDOM ? "" : ", bits " + fill.name().toLowerCase(),
                bias ? ", bias" : "");
    return new Trial(name, build, few()).with(terms(build));
  }

  private static void build(
      GraphBuilder graph,
      MemoryCheckpoint checkpoint,
      DataType type,
      int rows,
      int cols,
      Fill fill,
      boolean withBias,
      boolean logits) {
    Weight weight = RandomTensors.add(checkpoint, "w", type, Weight.Use.MATRIX, fill, rows, cols);
    Value x = graph.input("x", cols);
    if (logits) {
      graph.logits(Graph.LOGITS, x, weight);
      return;
    }
    Optional<Weight> bias =
        withBias
            ? Optional.of(RandomTensors.add(checkpoint, "b", DataType.F32, Weight.Use.VECTOR, rows))
            : Optional.empty();
    graph.output("y", graph.linear("y", x, weight, bias));
  }

  /** Sums of the sizes of terms. */
  private static Trial.Scale.Terms terms(Trial.Build build) {
    MemoryCheckpoint checkpoint = new MemoryCheckpoint("tck");
    GraphBuilder builder = new GraphBuilder();
    build.build(builder, checkpoint);
    List<Weight> weights = List.copyOf(builder.build().weights());
    float[][] w = RandomTensors.decode(checkpoint, weights.getFirst());
    float[] bias =
        weights.size() > 1
            ? flat(RandomTensors.decode(checkpoint, weights.get(1)), w.length)
            : new float[w.length];
    checkpoint.close();
    Function<float[], float[]> exact = x -> sums(w, bias, x, x);
    return new Trial.Scale.Terms(exact, x -> sums(w, bias, x, largestOfRun(x)));
  }

  private static float[] flat(float[][] rows, int length) {
    float[] all = new float[length];
    int at = 0;
    for (float[] row : rows) {
      System.arraycopy(row, 0, all, at, row.length);
      at += row.length;
    }
    return all;
  }

  /** Each number's rounding to 8 bits is a share of the largest of its run of 32. */
  private static float[] largestOfRun(float[] x) {
    float[] largest = new float[x.length];
    for (int from = 0; from < x.length; from += 32) {
      int end = Math.min(x.length, from + 32);
      float most = 0;
      for (int i = from; i < end; i++) {
        most = Math.max(most, Math.abs(x[i]));
      }
      Arrays.fill(largest, from, end, most);
    }
    return largest;
  }

  /**
   * For each row the sum of |w| size, the bias, and a part of the largest term: a number of a block
   * with an offset is itself a difference of larger ones. Long rows have more: a sum of equal terms
   * is rounded to the same side again and again.
   */
  private static float[] sums(float[][] w, float[] bias, float[] x, float[] size) {
    float most = 0;
    for (float number : x) {
      most = Math.max(most, Math.abs(number));
    }
    float[] sums = new float[w.length];
    for (int row = 0; row < w.length; row++) {
      float largest = 0;
      double sum = Math.abs(bias[row]);
      for (int i = 0; i < size.length; i++) {
        sum += Math.abs(w[row][i] * size[i]);
        largest = Math.max(largest, Math.abs(w[row][i]));
      }
      sums[row] = (float) ((sum + 0.1 * largest * most) * Math.max(1, size.length / SHORT));
    }
    return sums;
  }

  private static Trial embed(DataType type, int width) {
    return new Trial(
        "37 x " + width,
        (graph, checkpoint) ->
            graph.output(
                "y",
                graph.embed(
                    "y",
                    RandomTensors.add(
                        checkpoint, "table", type, Weight.Use.GATHER, Fill.RANDOM, 37, width))),
        few());
  }
}
