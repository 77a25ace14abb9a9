package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.testing.KernelHarness.limits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Op.Route.GroupRanking;
import dev.burhan.graph.Op.Route.Score;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.SafetensorsFile;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpertRouterTest {
  private final GraphBuilder graph = new GraphBuilder();
  private final MemoryCheckpoint checkpoint = new MemoryCheckpoint("test");

  private record Chosen(int[] experts, float[] weights) {}

  private Weight weight(String name, Weight.Use use, Shape shape, float... numbers) {
    checkpoint.tensor(name, shape, numbers);
    return new Weight(name, DataType.F32, shape, new Source.Stored(name), use);
  }

  /** A gate that is the identity: the inputs are the router's logits. */
  private Weight identity(int experts) {
    float[] numbers = new float[experts * experts];
    for (int e = 0; e < experts; e++) {
      numbers[e * experts + e] = 1;
    }
    return weight("gate", Weight.Use.MATRIX, Shape.of(experts, experts), numbers);
  }

  private Chosen route(
      float[] logits,
      int experts,
      Optional<float[]> bias,
      int groups,
      int kept,
      int top,
      Score score,
      boolean normalise,
      float scale) {
    return route(
        logits, experts, bias, groups, kept, top, score, normalise, scale, GroupRanking.TWO_BEST);
  }

  private Chosen route(
      float[] logits,
      int experts,
      Optional<float[]> bias,
      int groups,
      int kept,
      int top,
      Score score,
      boolean normalise,
      float scale,
      GroupRanking ranking) {
    Value x = graph.input("logits", experts);
    Optional<Weight> biasWeight =
        bias.map(b -> weight("bias", Weight.Use.VECTOR, Shape.of(b.length), b));
    GraphBuilder.Routed routed =
        graph.route(
            "route",
            x,
            new Op.Route(
                identity(experts),
                biasWeight,
                groups,
                kept,
                top,
                score,
                normalise,
                scale,
                ranking));
    int rows = logits.length / experts;
    try (KernelHarness harness =
        new KernelHarness(
            new OracleProvider().open(Map.of()),
            graph.nodes().getLast(),
            limits(rows, 64, 16, 1),
            checkpoint)) {
      harness.set(x, logits).run(TestBatch.prompt(rows, 16));
      return new Chosen(
          harness.ints(routed.experts(), rows), harness.floats(routed.weights(), rows));
    }
  }

  @Test
  void softmaxScoresInOrderOfRankAndTiesToTheLowerNumber() {
    float ln2 = (float) Math.log(2);
    Chosen chosen =
        route(new float[] {0, ln2, 0, ln2}, 4, Optional.empty(), 1, 1, 3, Score.SOFTMAX, false, 3);
    assertArrayEquals(new int[] {1, 3, 0}, chosen.experts());
    assertArrayEquals(new float[] {1, 1, 0.5f}, chosen.weights(), 1e-6f);
  }

  @Test
  void theBiasChoosesAndTheScoreWeighs() {
    Chosen chosen =
        route(
            new float[] {0, 0, 0, 0},
            4,
            Optional.of(new float[] {0, 0, 2, 1}),
            1,
            1,
            2,
            Score.SIGMOID,
            true,
            1);
    assertArrayEquals(new int[] {2, 3}, chosen.experts());
    assertArrayEquals(new float[] {0.5f, 0.5f}, chosen.weights(), 1e-6f);
  }

  @Test
  void onlyTheBestGroupsKeepTheirExperts() {
    // groups by the sum of their two best: {9, 0}: the best single one; {5, 5}; {4, 4}; {5, 5}
    float[] bias = {9, 0, 5, 5, 4, 4, 5, 5};
    Chosen one = route(new float[8], 8, Optional.of(bias), 4, 1, 2, Score.SIGMOID, false, 1);
    assertArrayEquals(new int[] {2, 3}, one.experts(), "of equal groups the first is kept");
  }

  @Test
  void groupsMayBeRankedByTheirBestExpertAlone() {
    float[] bias = {9, 0, 5, 5, 4, 4, 5, 5};
    Chosen one =
        route(
            new float[8],
            8,
            Optional.of(bias),
            4,
            1,
            2,
            Score.SIGMOID,
            false,
            1,
            GroupRanking.BEST);
    assertArrayEquals(new int[] {0, 1}, one.experts());
  }

  @Test
  void groupsOfNegativeScoresStayOut() {
    float[] bias = {-3, -4, -1, -2};
    Chosen chosen = route(new float[4], 4, Optional.of(bias), 2, 1, 2, Score.SIGMOID, false, 1);
    assertArrayEquals(new int[] {2, 3}, chosen.experts());
  }

  @Test
  void moreThanThereAreIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> route(new float[4], 4, Optional.empty(), 2, 1, 3, Score.SIGMOID, false, 1));
  }

  /** Router logits, choices and weights that transformers computed. */
  @ParameterizedTest
  @CsvSource({
    "dsv3_tiny/f32, 1, 16, 4, 2, 4, true, 2.5",
    "dsv3_tiny/f32, 3, 16, 4, 2, 4, true, 2.5",
    "dsv3_tiny/bf16, 2, 16, 4, 2, 4, true, 2.5",
    "dsv3_noqlora/f32, 2, 8, 1, 1, 3, false, 1.0",
    "dsv3_fp8/fp8, 1, 8, 4, 2, 3, true, 2.5"
  })
  void choicesEqualTheReference(
      String model,
      int layer,
      int experts,
      int groups,
      int kept,
      int top,
      boolean normalise,
      float scale) {
    var golden =
        new SafetensorsFile(SafetensorsFile.golden("models/" + model + "/golden.safetensors"));
    var weights =
        new SafetensorsFile(SafetensorsFile.golden("models/" + model + "/model.safetensors"));
    String router = "trace.router.layer" + layer;
    float[] bias =
        weights.tensor("model.layers." + layer + ".mlp.gate.e_score_correction_bias").floats();
    Chosen chosen =
        route(
            golden.tensor(router + ".logits").floats(),
            experts,
            Optional.of(bias),
            groups,
            kept,
            top,
            Score.SIGMOID,
            normalise,
            scale);
    int[] expected = golden.tensor(router + ".indices").ints();
    float[] expectedWeights = golden.tensor(router + ".weights").floats();
    for (int column = 0; column < expected.length / top; column++) {
      for (int i = 0; i < top; i++) { // the reference is sorted by expert, ours by rank
        int expert = expected[column * top + i];
        int rank = column * top;
        while (rank < (column + 1) * top && chosen.experts()[rank] != expert) {
          rank++;
        }
        assertEquals(expert, chosen.experts()[Math.min(rank, chosen.experts().length - 1)]);
        assertEquals(expectedWeights[column * top + i], chosen.weights()[rank], 2e-5);
      }
    }
  }
}
