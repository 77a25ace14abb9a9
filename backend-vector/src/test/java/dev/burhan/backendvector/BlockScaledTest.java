package dev.burhan.backendvector;

import static dev.burhan.backendvector.OneNode.assertClose;
import static dev.burhan.backendvector.OneNode.oracle;
import static dev.burhan.backendvector.OneNode.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** FP8 values with scales, kept as they are: the bits of the weight widened to F32. */
class BlockScaledTest {
  private static final double ROUNDING = 1e-5;

  /** A matrix of a random shape and blocks, whole and partial ones. */
  private record Scaled(int rows, int cols, int blockRows, int blockCols, long seed) {
    static Scaled any(int seed) {
      Random random = new Random(seed);
      boolean published = seed % 2 == 0;
      return new Scaled(
          1 + random.nextInt(300),
          1 + random.nextInt(500),
          published ? 128 : 1 + random.nextInt(70),
          published ? 128 : 1 + random.nextInt(200),
          seed);
    }

    /**
     * The weight; its parts in F32 are the same numbers but nothing that could be kept apart.
     *
     * @param apart whether its source is the block-scaled expression itself
     */
    Weight weight(MemoryCheckpoint checkpoint, boolean apart) {
      Random random = new Random(seed);
      RandomWeights.add(checkpoint, "w", DataType.F8_E4M3, Weight.Use.MATRIX, random, rows, cols);
      RandomWeights.add(
          checkpoint,
          "s",
          DataType.F32,
          Weight.Use.VECTOR,
          random,
          Math.ceilDiv(rows, blockRows),
          Math.ceilDiv(cols, blockCols));
      Source source =
          new Source.BlockScaled(
              new Source.Stored("w"), new Source.Stored("s"), blockRows, blockCols);
      dev.burhan.tensor.Shape shape = dev.burhan.tensor.Shape.of(rows, cols);
      return new Weight(
          "w",
          DataType.F32,
          shape,
          apart ? source : new Source.Reshape(source, shape.dims()),
          Weight.Use.MATRIX);
    }

    OneNode node(int columns, boolean apart) {
      return new OneNode(
          (graph, checkpoint) ->
              graph.linear(
                  "y", graph.input("x", cols), weight(checkpoint, apart), Optional.empty()),
          KernelHarness.limits(columns, columns, 4, 2),
          seed);
    }
  }

  @Test
  void productsHaveTheBitsOfTheWidenedWeight() {
    for (int seed = 0; seed < 40; seed++) {
      Scaled shape = Scaled.any(seed);
      int bits = OneNode.widths().get(seed % 3);
      for (int columns : new int[] {1, 9}) {
        TestBatch batch = TestBatch.prompt(columns, 4);
        float[] apart = shape.node(columns, true).run(vector(bits, true), columns, batch);
        float[] widened = shape.node(columns, false).run(vector(bits, true), columns, batch);
        float[] file =
            shape
                .node(columns, true)
                .run(new VectorKernels(Lanes.of(bits), true, false), columns, batch);
        assertArrayEquals(widened, apart, "" + shape);
        assertArrayEquals(widened, file, "" + shape);
        assertClose(
            shape.node(columns, true).run(oracle(), columns, batch), apart, ROUNDING, "" + shape);
      }
    }
  }

  @Test
  void expertsEqualTheOracle() {
    for (int seed = 0; seed < 12; seed++) {
      Random random = new Random(seed);
      int experts = 1 + random.nextInt(5);
      int cols = 1 + random.nextInt(200);
      int inner = 1 + random.nextInt(200);
      int top = 1 + random.nextInt(experts);
      int own = seed;
      OneNode node =
          new OneNode(
              (graph, checkpoint) -> experts(graph, checkpoint, own, experts, cols, inner, top),
              KernelHarness.limits(7, 7, 4, 2),
              seed);
      List<Value> in = node.node().in();
      Value out = node.node().out().getFirst();
      int[] chosen = new int[7 * top];
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = (i / top + i % top) % experts;
      }
      try (KernelHarness expected = node.harness(oracle());
          KernelHarness actual = node.harness(vector(512, true))) {
        for (KernelHarness harness : List.of(expected, actual)) {
          harness.randomInputs(new Random(seed)).setInts(in.get(1), chosen);
          harness.runShuffled(TestBatch.prompt(7, 4), new Random(seed));
        }
        assertClose(expected.floats(out, 7), actual.floats(out, 7), ROUNDING, "seed " + seed);
      }
    }
  }

  private static void experts(
      GraphBuilder graph,
      MemoryCheckpoint checkpoint,
      long seed,
      int experts,
      int cols,
      int inner,
      int top) {
    Random random = new Random(seed);
    Value x = graph.input("x", cols);
    Weight router =
        RandomWeights.add(checkpoint, "r", DataType.F32, Weight.Use.MATRIX, random, experts, cols);
    GraphBuilder.Routed routed =
        graph.route(
            "route",
            x,
            new Op.Route(router, Optional.empty(), 1, 1, top, Op.Route.Score.SIGMOID, true, 1));
    graph.experts(
        "y",
        x,
        routed,
        new Op.Experts(
            stack(checkpoint, "gate", random, experts, inner, cols),
            stack(checkpoint, "up", random, experts, inner, cols),
            stack(checkpoint, "down", random, experts, cols, inner)));
  }

  private static Weight stack(
      MemoryCheckpoint checkpoint, String name, Random random, int experts, int rows, int cols) {
    Weight values =
        RandomWeights.add(
            checkpoint, name, DataType.F8_E4M3, Weight.Use.EXPERTS, random, experts, rows, cols);
    Weight scales =
        RandomWeights.add(
            checkpoint,
            name + " scales",
            DataType.F32,
            Weight.Use.VECTOR,
            random,
            experts,
            Math.ceilDiv(rows, 128),
            Math.ceilDiv(cols, 128));
    return new Weight(
        name,
        DataType.F32,
        values.shape(),
        new Source.BlockScaled(values.source(), scales.source(), 128, 128),
        Weight.Use.EXPERTS);
  }

  @Test
  void theLibraryAsksForAQuarterOfTheBytes() {
    Scaled shape = new Scaled(256, 512, 128, 128, 1);
    try (VectorKernels kernels = new VectorKernels(Lanes.of(512), true, true)) {
      long bytes =
          kernels.weights(shape.node(1, true).node()).stream().mapToLong(Weight::bytes).sum();
      assertEquals(256 * 512 + 2 * 4 * 4, bytes);
    }
  }
}
