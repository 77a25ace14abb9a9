package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.testing.KernelHarness.limits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.backend.Phase;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Dequantiser;
import dev.burhan.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OracleKernelsTest {
  private final GraphBuilder graph = new GraphBuilder();
  private final MemoryCheckpoint checkpoint = new MemoryCheckpoint("test");

  private static HostKernels oracle() {
    return new OracleProvider().open(Map.of());
  }

  private Weight weight(String name, Weight.Use use, Shape shape, float... numbers) {
    checkpoint.tensor(name, shape, numbers);
    return new Weight(name, DataType.F32, shape, new Source.Stored(name), use);
  }

  private Weight matrix(String name, Shape shape, float... numbers) {
    return weight(name, Weight.Use.MATRIX, shape, numbers);
  }

  private Weight vector(String name, float... numbers) {
    return weight(name, Weight.Use.VECTOR, Shape.of(numbers.length), numbers);
  }

  private Node last() {
    return graph.nodes().getLast();
  }

  private KernelHarness harness(int columns) {
    return new KernelHarness(oracle(), last(), limits(columns, 16, 4, 2), checkpoint);
  }

  private static TestBatch prompt(int columns) {
    return TestBatch.prompt(columns, 4);
  }

  @Test
  void embedReadsTheTokensRows() {
    Weight table = weight("table", Weight.Use.GATHER, Shape.of(3, 2), 0, 1, 10, 11, 20, 21);
    Value out = graph.embed("x", table);
    TestBatch batch = new TestBatch(4).add(0, Phase.PROMPT, new int[] {0}, 2, 0, 2);
    try (KernelHarness harness = harness(3)) {
      assertArrayEquals(new float[] {20, 21, 0, 1, 20, 21}, harness.run(batch).floats(out, 3));
    }
  }

  @Test
  void rmsNormScalesEachGroupByItsOwnRoot() {
    Value in = graph.input("x", 4);
    Value out = graph.rmsNorm("y", in, vector("gain", 1, 10), 0.5f);
    try (KernelHarness harness = harness(1)) {
      harness.set(in, 3, 4, 0, 1).run(prompt(1));
      float first = (float) Math.sqrt(12.5 + 0.5);
      assertArrayEquals(new float[] {3 / first, 40 / first, 0, 10}, harness.floats(out, 1), 1e-6f);
    }
  }

  @Test
  void linearMultipliesRowsAndAddsTheBias() {
    Value in = graph.input("x", 3);
    Weight w = matrix("w", Shape.of(2, 3), 1, 2, 3, -1, 0, 1);
    Value out = graph.linear("y", in, w, Optional.of(vector("b", 100, 200)));
    try (KernelHarness harness = harness(2)) {
      harness.set(in, 1, 1, 1, 2, 0, -2).run(prompt(2));
      assertArrayEquals(new float[] {106, 200, 96, 196}, harness.floats(out, 2));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "F64", "F32", "F16", "BF16", "F8_E4M3", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K",
        "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q8_K", "IQ4_NL", "IQ4_XS", "IQ2_XXS", "IQ2_XS", "IQ2_S",
        "IQ3_XXS", "IQ3_S", "IQ1_S", "IQ1_M"
      })
  void linearRunsEveryTypeOverMoreRowsThanOnePart(String type) {
    DataType stored = DataType.named(type).orElseThrow();
    Random random = new Random(11);
    int rows = 150;
    int cols = 256;
    Weight w = RandomWeights.add(checkpoint, "w", stored, Weight.Use.MATRIX, random, rows, cols);
    float[] numbers = Dequantiser.decode(stored, rows * cols, checkpoint.data("w"), 0);
    Value in = graph.input("x", cols);
    Value out = graph.linear("y", in, w, Optional.empty());
    try (KernelHarness harness = harness(3)) {
      harness.randomInputs(random).runShuffled(prompt(3), random);
      float[] x = harness.floats(in, 3);
      float[] y = harness.floats(out, 3);
      double largest = 0;
      for (int column = 0; column < 3; column++) {
        for (int row = 0; row < rows; row++) {
          double expected = 0;
          for (int i = 0; i < cols; i++) {
            expected += (double) numbers[row * cols + i] * x[column * cols + i];
          }
          assertEquals(expected, y[column * rows + row], 1e-5);
          largest = Math.max(largest, Math.abs(expected));
        }
      }
      assertEquals(8, largest, 7.9, "random weights of a sane size");
    }
  }

  @Test
  void logitsAreOfTheWantedColumnsOnly() {
    Value in = graph.input("x", 2);
    Value out = graph.logits("logits", in, matrix("head", Shape.of(3, 2), 1, 0, 0, 1, 1, 1));
    try (KernelHarness harness = harness(3)) {
      harness.set(in, 1, 2, 3, 4, 5, 6).run(prompt(3).logits(2, 0));
      assertArrayEquals(new float[] {5, 6, 11, 1, 2, 3}, harness.floats(out, 2));
    }
  }

  @Test
  void ropeTurnsPairsByPosition() {
    InverseFrequencies quarterTurns = new InverseFrequencies(new float[] {(float) Math.PI / 2, 0});
    Value in = graph.input("x", 12);
    // two heads of 6: one number kept, two pairs, one number kept; position 1 turns pair 0 by 90°
    Value half = graph.rope("half", in, new Op.Rope(2, 6, 1, false, quarterTurns, 1));
    Node halfSplit = last();
    Value pairs = graph.rope("pairs", in, new Op.Rope(2, 6, 1, true, quarterTurns, 2));
    TestBatch batch = new TestBatch(4).add(1, Phase.PROMPT, new int[] {0}, 0);
    float[] x = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
    try (KernelHarness harness = harness(1)) {
      harness.set(in, x).run(batch);
      assertArrayEquals(
          new float[] {1, -6, 4, 8, 10, 6, 11, -26, 24, 28, 30, 16},
          harness.floats(pairs, 1),
          1e-5f);
    }
    try (KernelHarness harness =
        new KernelHarness(oracle(), halfSplit, limits(1, 16, 4, 1), new MemoryCheckpoint("test"))) {
      harness.set(in, x).run(batch);
      assertArrayEquals(
          new float[] {1, -4, 3, 2, 5, 6, 11, -14, 13, 12, 15, 16}, harness.floats(half, 1), 1e-5f);
    }
  }

  @Test
  void swiGluAddSliceAndConcat() {
    Value a = graph.input("a", 2);
    Value b = graph.input("b", 2);
    Value glu = graph.swiGlu("glu", a, b);
    try (KernelHarness harness = harness(1)) {
      harness.set(a, 0, 1).set(b, 5, 3).run(prompt(1));
      float silu = (float) (1 / (1 + Math.exp(-1)));
      assertArrayEquals(new float[] {0, 3 * silu}, harness.floats(glu, 1), 1e-7f);
    }
    Value sum = graph.add("sum", a, b);
    try (KernelHarness harness = bare()) {
      harness.set(a, 1, 2, 3, 4).set(b, 10, 20, 30, 40).run(prompt(2));
      assertArrayEquals(new float[] {11, 22, 33, 44}, harness.floats(sum, 2));
    }
    Value wide = graph.input("wide", 4);
    Value part = graph.slice("part", wide, 1, 2);
    try (KernelHarness harness = bare()) {
      harness.set(wide, 1, 2, 3, 4, 5, 6, 7, 8).run(prompt(2));
      assertArrayEquals(new float[] {2, 3, 6, 7}, harness.floats(part, 2));
    }
    Value joined = graph.concat("joined", a, wide, b);
    try (KernelHarness harness = bare()) {
      harness.set(a, 1, 2, 11, 12).set(b, 7, 8, 17, 18).set(wide, 3, 4, 5, 6, 13, 14, 15, 16);
      harness.run(prompt(2));
      assertArrayEquals(
          new float[] {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18},
          harness.floats(joined, 2));
    }
  }

  private KernelHarness bare() {
    return new KernelHarness(oracle(), last(), limits(2, 16, 4, 1), new MemoryCheckpoint("test"));
  }

  @Test
  void expertsAreWeightedAndSummed() {
    Value x = graph.input("x", 2);
    Value chosen = graph.value("experts", 2, DataType.I32, Value.Rows.COLUMN);
    Value weights = graph.value("weights", 2);
    // inner width 1; expert e: gate picks x0, up picks x1, down spreads (1, e)
    Weight gate = weight("gate", Weight.Use.EXPERTS, Shape.of(3, 1, 2), 1, 0, 1, 0, 1, 0);
    Weight up = weight("up", Weight.Use.EXPERTS, Shape.of(3, 1, 2), 0, 1, 0, 1, 0, 1);
    Weight down = weight("down", Weight.Use.EXPERTS, Shape.of(3, 2, 1), 1, 0, 1, 1, 1, 2);
    Value out =
        graph.experts(
            "y", x, new GraphBuilder.Routed(chosen, weights), new Op.Experts(gate, up, down));
    try (KernelHarness harness = harness(1)) {
      harness.set(x, 2, 3).setInts(chosen, 2, 0).set(weights, 0.25f, 0.5f).run(prompt(1));
      double inner = 3 * 2 / (1 + Math.exp(-2));
      assertArrayEquals(
          new float[] {(float) (0.75 * inner), (float) (0.5 * inner)},
          harness.floats(out, 1),
          1e-6f);
    }
  }

  @Test
  void theOracleIsNeverChosenByItselfAndRefusesUnknownOptions() {
    HostKernelsProvider provider = new OracleProvider();
    assertFalse(provider.selectable());
    assertThrows(UsageException.class, () -> provider.open(Map.of("mla", "folded")));
    assertThrows(UsageException.class, () -> provider.open(Map.of("activations", "q8")));
    assertThrows(UsageException.class, () -> provider.open(Map.of("speed", "high")));
    Weight counts =
        new Weight("n", DataType.I32, Shape.of(2, 2), new Source.Stored("n"), Weight.Use.MATRIX);
    Value in = graph.input("x", 2);
    graph.linear("y", in, counts, Optional.empty());
    assertFalse(oracle().supports(last()));
    assertEquals(List.of(), List.copyOf(oracle().bind(last(), null).stream().toList()));
  }
}
