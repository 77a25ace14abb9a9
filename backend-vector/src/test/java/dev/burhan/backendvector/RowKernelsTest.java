package dev.burhan.backendvector;

import static dev.burhan.backendvector.OneNode.assertClose;
import static dev.burhan.backendvector.OneNode.oracle;
import static dev.burhan.backendvector.OneNode.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.backend.Phase;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Op;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RowKernelsTest {
  private static final double ROUNDING = 2e-6;
  private static final int COLUMNS = 5;
  private static final int[] WIDTHS = {1, 7, 16, 48, 56, 576, 896};

  /** The same as the oracle on every vector width. */
  private static void compare(BiConsumer<GraphBuilder, MemoryCheckpoint> graph, String what) {
    OneNode node = new OneNode(graph, KernelHarness.limits(COLUMNS, 64, 4, 2), 3);
    TestBatch batch =
        new TestBatch(4)
            .add(0, Phase.PROMPT, new int[] {0}, 2, 0, 1)
            .add(57, Phase.GENERATED, IntStream.range(1, 17).toArray(), 9, 4);
    float[] expected = node.run(oracle(), COLUMNS, batch);
    for (int bits : OneNode.widths()) {
      float[] actual = node.run(vector(bits, true), COLUMNS, batch);
      assertClose(expected, actual, ROUNDING, what + " " + bits);
    }
  }

  @Test
  void normsWholeRowsAndHeads() {
    for (int width : WIDTHS) {
      for (int heads : new int[] {1, 3}) {
        compare(
            (graph, checkpoint) -> {
              Weight gain =
                  RandomWeights.add(
                      checkpoint,
                      "gain",
                      DataType.F32,
                      Weight.Use.VECTOR,
                      new Random(width),
                      width);
              graph.rmsNorm("y", graph.input("x", heads * width), gain, 1e-6f);
            },
            width + " times " + heads);
      }
    }
  }

  @Test
  void gatesAndAdds() {
    for (int width : WIDTHS) {
      compare(
          (graph, _) -> graph.swiGlu("y", graph.input("gate", width), graph.input("up", width)),
          "gate " + width);
      compare(
          (graph, _) -> graph.add("y", graph.input("a", width), graph.input("b", width)),
          "add " + width);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 8, 0, 4, true",
    "3, 64, 0, 32, false",
    "2, 24, 16, 4, true",
    "2, 24, 4, 6, false"
  })
  void turnsPairs(int heads, int dim, int offset, int pairs, boolean interleaved) {
    float[] frequencies = new float[pairs];
    for (int pair = 0; pair < pairs; pair++) {
      frequencies[pair] = (float) Math.pow(10_000, -(double) pair / pairs);
    }
    Op.Rope rope =
        new Op.Rope(heads, dim, offset, interleaved, new InverseFrequencies(frequencies), 1.1f);
    compare((graph, _) -> graph.rope("y", graph.input("x", heads * dim), rope), rope.toString());
  }

  @Test
  void slicesAndConcatenates() {
    compare((graph, _) -> graph.slice("y", graph.input("x", 20), 3, 11), "slice");
    compare(
        (graph, _) ->
            graph.concat("y", graph.input("a", 3), graph.input("b", 8), graph.input("c", 1)),
        "concat");
  }

  @ParameterizedTest
  @MethodSource("dev.burhan.backendvector.LinearTest#typesAndWidths")
  void embedsTokens(DataType type, int bits) {
    int width = type.blockElements() == 1 ? 56 : 3 * type.blockElements();
    OneNode node =
        new OneNode(
            (graph, checkpoint) ->
                graph.embed(
                    "y",
                    RandomWeights.add(
                        checkpoint, "table", type, Weight.Use.GATHER, new Random(2), 10, width)),
            KernelHarness.limits(4, 8, 4, 2),
            1);
    TestBatch batch = new TestBatch(4).add(0, Phase.PROMPT, new int[] {0}, 9, 0, 3, 9);
    assertClose(
        node.run(oracle(), 4, batch),
        node.run(vector(bits, true), 4, batch),
        ROUNDING,
        type.toString());
  }

  @Test
  void exponentialIsWithinTwoUnitsInTheLastPlace() {
    float[] x = new float[16];
    float[] y = new float[16];
    for (float from = -87; from < 88; from += 0.11f) {
      for (int i = 0; i < x.length; i++) {
        x[i] = from + i * 0.0068f;
      }
      exponential(x, y);
      for (int i = 0; i < x.length && x[i] <= 88; i++) {
        float exact = (float) Math.exp(x[i]);
        assertEquals(exact, y[i], 2 * Math.ulp(exact), "e to the power of " + x[i]);
      }
    }
    float[] edges = {
      Float.NEGATIVE_INFINITY,
      -1000,
      -88,
      0,
      -0f,
      1000,
      Float.POSITIVE_INFINITY,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0
    };
    exponential(edges, y);
    float most = y[5];
    assertArrayEquals(new float[] {0, 0, 0, 1, 1, most, most, 1}, java.util.Arrays.copyOf(y, 8));
    assertEquals(Math.exp(88), most, most * 1e-6);
  }

  private static void exponential(float[] x, float[] y) {
    Exponential.of(FloatVector.fromArray(FloatVector.SPECIES_512, x, 0), Lanes.of(512))
        .intoArray(y, 0);
    for (int i = 0; i < x.length; i++) {
      assertEquals(y[i], Exponential.of(x[i]), "one number");
    }
  }
}
