package dev.burhan.backendvector;

import static dev.burhan.backendvector.OneNode.assertClose;
import static dev.burhan.backendvector.OneNode.oracle;
import static dev.burhan.backendvector.OneNode.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Phase;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The router and the experts of a mixture, over shapes as they come. */
class MixtureTest {
  private static final int PAGE = 4;
  private static final double ROUNDING = 1e-5;
  private static final double EIGHT_BITS = 0.03;
  private static final List<DataType> TYPES =
      List.of(
          DataType.F32,
          DataType.BF16,
          DataType.F8_E4M3,
          DataType.Q4_0,
          DataType.Q8_0,
          DataType.Q4_K,
          DataType.Q6_K);

  private static Op.Route route(MemoryCheckpoint checkpoint, Random random, int cols) {
    int groups = 1 + random.nextInt(4);
    int experts = groups * (1 + random.nextInt(12));
    int kept = 1 + random.nextInt(groups);
    Weight gate =
        RandomWeights.add(
            checkpoint, "gate", DataType.F32, Weight.Use.MATRIX, random, experts, cols);
    Optional<Weight> bias =
        random.nextBoolean()
            ? Optional.empty()
            : Optional.of(
                RandomWeights.add(
                    checkpoint, "bias", DataType.F32, Weight.Use.VECTOR, random, experts));
    return new Op.Route(
        gate,
        bias,
        groups,
        kept,
        1 + random.nextInt(experts / groups * kept),
        random.nextBoolean() ? Op.Route.Score.SIGMOID : Op.Route.Score.SOFTMAX,
        random.nextBoolean(),
        2.5f,
        random.nextBoolean() ? Op.Route.GroupRanking.TWO_BEST : Op.Route.GroupRanking.BEST);
  }

  @Test
  void theRouterChoosesAsTheOracle() {
    for (int seed = 0; seed < 60; seed++) {
      int own = seed;
      Random shapes = new Random(seed);
      int cols = 1 + shapes.nextInt(300);
      int columns = 1 + shapes.nextInt(60);
      OneNode node =
          new OneNode(
              (graph, checkpoint) ->
                  graph.route(
                      "r", graph.input("x", cols), route(checkpoint, new Random(own), cols)),
              KernelHarness.limits(columns, columns, PAGE, 2),
              seed);
      TestBatch batch = TestBatch.prompt(columns, PAGE);
      List<Value> out = node.node().out();
      try (KernelHarness expected = node.harness(oracle());
          KernelHarness actual = node.harness(vector(OneNode.widths().get(seed % 3), true))) {
        expected.randomInputs(new Random(seed)).runShuffled(batch, new Random(seed));
        actual.randomInputs(new Random(seed)).runShuffled(batch, new Random(seed));
        assertArrayEquals(
            expected.ints(out.get(0), columns), actual.ints(out.get(0), columns), "seed " + seed);
        assertClose(
            expected.floats(out.get(1), columns),
            actual.floats(out.get(1), columns),
            ROUNDING,
            "seed " + seed);
      }
    }
  }

  /** Experts of a shape, and the columns that choose some of them. */
  private record Experts(DataType type, int experts, int cols, int inner, int top, long seed) {
    static Experts any(int seed) {
      Random random = new Random(seed);
      DataType type = TYPES.get(seed % TYPES.size());
      int block = Math.max(type.blockElements(), 1);
      int experts = 1 + random.nextInt(9);
      return new Experts(
          type,
          experts,
          block * (1 + random.nextInt(block == 1 ? 150 : 3)),
          block * (1 + random.nextInt(block == 1 ? 150 : 3)),
          1 + random.nextInt(experts),
          seed);
    }

    OneNode node(int columns) {
      return new OneNode(this::build, KernelHarness.limits(columns, columns, PAGE, 3), seed);
    }

    private void build(GraphBuilder graph, MemoryCheckpoint checkpoint) {
      Random random = new Random(seed);
      Weight gate = weight(checkpoint, "gate", random, experts, inner, cols);
      Weight up = weight(checkpoint, "up", random, experts, inner, cols);
      Weight down = weight(checkpoint, "down", random, experts, cols, inner);
      Value x = graph.input("x", cols);
      Weight router =
          RandomWeights.add(
              checkpoint, "r", DataType.F32, Weight.Use.MATRIX, random, experts, cols);
      GraphBuilder.Routed routed =
          graph.route(
              "route",
              x,
              new Op.Route(router, Optional.empty(), 1, 1, top, Op.Route.Score.SIGMOID, true, 1));
      graph.experts("y", x, routed, new Op.Experts(gate, up, down));
    }

    private Weight weight(MemoryCheckpoint checkpoint, String name, Random random, long... dims) {
      return RandomWeights.add(checkpoint, name, type, Weight.Use.EXPERTS, random, dims);
    }

    /**
     * Runs some of the columns whose numbers and choices are {@code all}'s.
     *
     * @param columns which
     */
    float[] run(HostKernels kernels, int all, Phase phase, int... columns) {
      OneNode node = node(all);
      List<Value> in = node.node().in();
      Random random = new Random(seed);
      float[][] x = new float[all][cols];
      int[][] chosen = new int[all][top];
      float[][] weights = new float[all][top];
      for (int c = 0; c < all; c++) {
        for (int i = 0; i < cols; i++) {
          x[c][i] = (float) random.nextGaussian();
        }
        List<Integer> order = random.ints(0, experts).distinct().limit(top).boxed().toList();
        for (int rank = 0; rank < top; rank++) {
          chosen[c][rank] = order.get(rank);
          weights[c][rank] = random.nextFloat();
        }
      }
      try (KernelHarness harness = node.harness(kernels)) {
        harness.set(in.get(0), rows(x, columns));
        harness.setInts(
            in.get(1), Arrays.stream(columns).flatMap(c -> Arrays.stream(chosen[c])).toArray());
        harness.set(in.get(2), rows(weights, columns));
        TestBatch batch = new TestBatch(PAGE);
        for (int c : columns) {
          batch.add(c, phase, new int[c / PAGE + 1], 0);
        }
        harness.runShuffled(batch, new Random(seed));
        return harness.floats(node.node().out().getFirst(), columns.length);
      }
    }

    private static float[] rows(float[][] all, int[] which) {
      float[] numbers = new float[which.length * all[0].length];
      for (int i = 0; i < which.length; i++) {
        System.arraycopy(all[which[i]], 0, numbers, i * all[0].length, all[0].length);
      }
      return numbers;
    }
  }

  @Test
  void expertsOfAnyShapeEqualTheOracle() {
    for (int seed = 0; seed < 42; seed++) {
      Experts shape = Experts.any(seed);
      int bits = OneNode.widths().get(seed % 3);
      int columns = 1 + new Random(seed).nextInt(120);
      int[] all = IntStream.range(0, columns).toArray();
      float[] expected = shape.run(oracle(), columns, Phase.PROMPT, all);
      assertClose(
          expected,
          shape.run(vector(bits, true), columns, Phase.PROMPT, all),
          ROUNDING,
          "" + shape);
      assertClose(
          expected,
          shape.run(vector(bits, false), columns, Phase.GENERATED, all),
          ROUNDING,
          "" + shape);
      assertClose(
          expected,
          shape.run(vector(bits, true), columns, Phase.GENERATED, all),
          EIGHT_BITS,
          "" + shape);
    }
  }

  /** Panels made one at a time from the file's own layout give the same bits. */
  @Test
  void theFilesLayoutGivesTheBitsOfPanels() {
    for (int seed = 0; seed < 14; seed++) {
      Experts shape = Experts.any(seed);
      int[] all = IntStream.range(0, 9).toArray();
      for (Phase phase : Phase.values()) {
        assertArrayEquals(
            shape.run(vector(512, true), 9, phase, all),
            shape.run(new VectorKernels(Lanes.of(512), true, false), 9, phase, all));
      }
    }
  }

  @Test
  void aColumnsBitsDoNotDependOnItsCompany() {
    for (int seed = 0; seed < 14; seed++) {
      Experts shape = Experts.any(seed);
      int columns = 70;
      int[] all = IntStream.range(0, columns).toArray();
      for (Phase phase : Phase.values()) {
        float[] together = shape.run(vector(256, true), columns, phase, all);
        float[] some = shape.run(vector(256, true), columns, phase, 3, 17, 64);
        float[] alone = shape.run(vector(256, true), columns, phase, 17);
        for (int i = 0; i < shape.cols(); i++) {
          assertEquals(together[17 * shape.cols() + i], some[shape.cols() + i], "" + shape);
          assertEquals(together[17 * shape.cols() + i], alone[i], "" + shape);
        }
      }
    }
  }
}
