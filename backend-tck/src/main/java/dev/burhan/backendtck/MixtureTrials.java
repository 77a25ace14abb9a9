package dev.burhan.backendtck;

import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Op.Route.GroupRanking;
import dev.burhan.graph.Op.Route.Score;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.tensor.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The router and the experts of a mixture. */
final class MixtureTrials {
  private static final double ROUNDING = 1e-5;
  private static final double EIGHT_BITS = 0.03;

  private MixtureTrials() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.add(new OpCase("Route", "F32", Op.Route.class, false, ROUNDING, ROUNDING, routers()));
    for (DataType type : RandomTensors.types()) {
      int width = RandomTensors.width(type, 64);
      int odd = type.isBlocked() ? width : 37;
      cases.add(
          new OpCase(
              "Experts",
              type.name(),
              Op.Experts.class,
              type.isBlocked(),
              ROUNDING,
              EIGHT_BITS,
              List.of(
                  experts(type, 6, width, width > 64 ? width : 2 * width, 3),
                  experts(type, 3, odd, odd, 3),
                  experts(type, 1, width, width, 1))));
    }
    return cases;
  }

  /**
   * A router.
   *
   * @param biased whether it has a bias for choosing
   */
  private record Router(
      int experts,
      int cols,
      int groups,
      int kept,
      int top,
      Score score,
      boolean normalise,
      boolean biased,
      GroupRanking ranking) {

    Op.Route op(MemoryCheckpoint checkpoint) {
      Weight gate =
          RandomTensors.add(checkpoint, "router", DataType.F32, Weight.Use.MATRIX, experts, cols);
      Optional<Weight> bias =
          biased
              ? Optional.of(
                  RandomTensors.add(checkpoint, "bias", DataType.F32, Weight.Use.VECTOR, experts))
              : Optional.empty();
      return new Op.Route(gate, bias, groups, kept, top, score, normalise, 2.5f, ranking);
    }

    Trial.Rows rows() {
      MemoryCheckpoint checkpoint = new MemoryCheckpoint("tck");
      Op.Route op = op(checkpoint);
      float[][] gate = RandomTensors.decode(checkpoint, op.gate());
      float[] bias = new float[experts];
      op.bias()
          .ifPresent(
              weight -> {
                int at = 0;
                for (float[] row : RandomTensors.decode(checkpoint, weight)) {
                  System.arraycopy(row, 0, bias, at, row.length);
                  at += row.length;
                }
              });
      checkpoint.close();
      return (input, story, token) -> {
        for (int attempt = 0; ; attempt++) {
          Story other = new Story(story.number() + 1000 * attempt, story.prompt(), story.tokens());
          float[] row = Trial.normal(input, other, token);
          if (isClear(gate, bias, row)) {
            return row;
          }
        }
      };
    }

    /** Whether no choice hangs on a difference that rounding could turn. */
    private boolean isClear(float[][] gate, float[] bias, float[] x) {
      double[] scores = new double[experts];
      double sum = 0;
      for (int e = 0; e < experts; e++) {
        double logit = 0;
        for (int i = 0; i < cols; i++) {
          logit += (double) gate[e][i] * x[i];
        }
        scores[e] = score == Score.SIGMOID ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit);
        sum += scores[e];
      }
      double[] choice = new double[experts];
      for (int e = 0; e < experts; e++) {
        choice[e] = (score == Score.SIGMOID ? scores[e] : scores[e] / sum) + bias[e];
      }
      double[] ofGroups = new double[groups];
      int size = experts / groups;
      for (int g = 0; g < groups; g++) {
        double[] group = Arrays.copyOfRange(choice, g * size, (g + 1) * size);
        Arrays.sort(group);
        ofGroups[g] =
            group[size - 1] + (ranking == GroupRanking.TWO_BEST && size > 1 ? group[size - 2] : 0);
      }
      return areApart(choice) && areApart(ofGroups);
    }

    private static boolean areApart(double[] numbers) {
      double[] sorted = numbers.clone();
      Arrays.sort(sorted);
      double least = 1e-5 * Math.max(Math.abs(sorted[0]), Math.abs(sorted[sorted.length - 1]));
      for (int i = 1; i < sorted.length; i++) {
        if (sorted[i] - sorted[i - 1] < least) {
          return false;
        }
      }
      return true;
    }
  }

  private static List<Trial> routers() {
    return List.of(
        router(new Router(1, 1, 1, 1, 1, Score.SIGMOID, true, false, GroupRanking.TWO_BEST)),
        router(new Router(8, 31, 4, 2, 3, Score.SIGMOID, true, true, GroupRanking.TWO_BEST)),
        router(new Router(24, 100, 4, 2, 5, Score.SIGMOID, false, true, GroupRanking.TWO_BEST)),
        router(new Router(48, 257, 1, 1, 6, Score.SOFTMAX, false, false, GroupRanking.BEST)),
        router(new Router(15, 64, 5, 3, 9, Score.SOFTMAX, true, false, GroupRanking.BEST)));
  }

  private static Trial router(Router router) {
    return new Trial(
            router.toString(),
            (graph, checkpoint) -> {
              Value x = graph.input("x", router.cols());
              output(graph, graph.route("route", x, router.op(checkpoint)));
            },
            MatrixTrials.few())
        .with(router.rows());
  }

  private static void output(GraphBuilder graph, GraphBuilder.Routed routed) {
    graph.output("experts", routed.experts());
    graph.output("weights", routed.weights());
  }

  static Trial experts(DataType type, int experts, int cols, int inner, int top) {
    Router router =
        new Router(experts, cols, 1, 1, top, Score.SIGMOID, true, false, GroupRanking.TWO_BEST);
    return new Trial(
        "%d experts, %d x %d, %d chosen".formatted(experts, inner, cols, top),
        (graph, checkpoint) -> {
          Value x = graph.input("x", cols);
          GraphBuilder.Routed routed = graph.route("route", x, router.op(checkpoint));
          output(graph, routed);
          Weight.Use use = Weight.Use.EXPERTS;
          graph.output(
              "y",
              graph.experts(
                  "y",
                  x,
                  routed,
                  new Op.Experts(
                      RandomTensors.add(checkpoint, "gate", type, use, experts, inner, cols),
                      RandomTensors.add(checkpoint, "up", type, use, experts, inner, cols),
                      RandomTensors.add(checkpoint, "down", type, use, experts, cols, inner))));
        },
        Map.of(),
        MatrixTrials.few(),
        4,
        router.rows(),
        new Trial.Scale.Largest());
  }
}
