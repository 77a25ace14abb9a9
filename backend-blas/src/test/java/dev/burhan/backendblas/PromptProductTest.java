package dev.burhan.backendblas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Phase;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Node;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Dequantiser;
import dev.burhan.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PromptProductTest {
  private static final double ROUNDING = 4e-6;
  private static final int PAGE = 4;

  private final HostKernels blas = new BlasKernelsProvider().open(Map.of());
  private final HostKernels oracle = new OracleProvider().open(Map.of());

  @AfterEach
  void close() {
    blas.close();
  }

  /** A library's kernel for prompt columns, as if it ran the whole node. */
  private record ForPrompts(HostKernels of) implements HostKernels {
    @Override
    public Numerics numerics() {
      return of.numerics();
    }

    @Override
    public boolean supports(Node node) {
      return of.supports(node, Phase.PROMPT);
    }

    @Override
    public List<Layout> layouts(Weight weight) {
      return of.layouts(weight);
    }

    @Override
    public Optional<Kernel> bind(Node node, Bindings bindings) {
      return of.bind(node, Phase.PROMPT, bindings);
    }

    @Override
    public void close() {
      // the harness closes this one; the library runs the next case too
    }
  }

  static Stream<DataType> types() {
    return DataType.standard().stream()
        .filter(Dequantiser::supports)
        .filter(type -> !type.equals(DataType.F64) && !type.equals(DataType.Q8_K));
  }

  private static float[] run(HostKernels kernels, Case of, TestBatch batch) {
    GraphBuilder graph = new GraphBuilder();
    MemoryCheckpoint checkpoint = new MemoryCheckpoint("test");
    Random random = new Random(of.seed());
    Weight weight =
        RandomWeights.add(
            checkpoint, "w", of.type(), Weight.Use.MATRIX, random, of.rows(), of.cols());
    Optional<Weight> bias =
        of.bias()
            ? Optional.of(
                RandomWeights.add(
                    checkpoint, "b", DataType.F32, Weight.Use.VECTOR, random, of.rows()))
            : Optional.empty();
    graph.linear("y", graph.input("x", of.cols()), weight, bias);
    Node node = graph.nodes().getLast();
    try (KernelHarness harness =
        new KernelHarness(
            new ForPrompts(kernels),
            node,
            KernelHarness.limits(batch.columns(), 64, PAGE, of.threads()),
            checkpoint)) {
      harness.randomInputs(new Random(of.seed())).runShuffled(batch, new Random(of.seed() + 1));
      return harness.floats(node.out().getFirst(), batch.columns());
    }
  }

  private record Case(DataType type, int rows, int cols, boolean bias, int threads, long seed) {
    static Case random(DataType type, Random random) {
      int block = type.blockElements();
      int blocks = 1 + random.nextInt(block == 1 ? 700 : block == 32 ? 20 : 4);
      return new Case(
          type,
          1 + random.nextInt(300),
          block * blocks,
          random.nextBoolean(),
          1 + random.nextInt(3),
          random.nextLong());
    }
  }

  /** Sequences in either phase, some of one column. */
  private static TestBatch batch(Random random) {
    TestBatch batch = new TestBatch(PAGE);
    int sequences = 1 + random.nextInt(5);
    int page = 0;
    for (int i = 0; i < sequences; i++) {
      boolean generated = i > 0 && random.nextBoolean();
      int columns = generated || random.nextBoolean() ? 1 : 1 + random.nextInt(30);
      int[] pages = new int[Math.ceilDiv(columns, PAGE)];
      for (int p = 0; p < pages.length; p++) {
        pages[p] = page++;
      }
      batch.add(0, generated ? Phase.GENERATED : Phase.PROMPT, pages, new int[columns]);
    }
    return batch;
  }

  @ParameterizedTest
  @MethodSource("types")
  void equalsTheOracleAndLeavesGeneratedColumnsAlone(DataType type) {
    Random random = new Random(type.name().hashCode());
    for (int i = 0; i < 12; i++) {
      Case of = Case.random(type, random);
      TestBatch batch = batch(random);
      float[] expected = run(oracle, of, batch);
      float[] found = run(blas, of, batch);
      double greatest = 1e-3;
      for (float number : expected) {
        greatest = Float.isNaN(number) ? greatest : Math.max(greatest, Math.abs(number));
      }
      for (int at = 0; at < expected.length; at++) {
        int column = at / of.rows();
        boolean generated = batch.phase(column) == Phase.GENERATED;
        assertEquals(generated, Float.isNaN(found[at]), of + ": column " + column + " written");
        assertEquals(expected[at], found[at], ROUNDING * greatest, of + " at " + at);
      }
    }
  }

  @Test
  void partsAreSharedOutEvenly() {
    assertEquals(64, PromptProduct.rowsEach(128, 896, 2));
    assertEquals(224, PromptProduct.rowsEach(896, 896, 2));
    assertEquals(16, PromptProduct.rowsEach(5, 32, 2));
    assertEquals(32, PromptProduct.rowsEach(7168, 18432, 8));
  }

  @Test
  void onlyStoredProductsOfPromptsAreItsOwn() {
    Source stored = new Source.Stored("w");
    assertTrue(blas.supports(linear(DataType.Q4_K, stored), Phase.PROMPT));
    assertFalse(blas.supports(linear(DataType.Q4_K, stored), Phase.GENERATED));
    assertFalse(blas.supports(linear(DataType.Q4_K, stored)));
    assertFalse(blas.supports(linear(DataType.F32, new Source.Transpose(stored)), Phase.PROMPT));
    assertFalse(blas.supports(linear(DataType.I32, stored), Phase.PROMPT));
    assertFalse(blas.numerics().batchInvariant());
    assertTrue(
        blas.numerics().id().matches("openblas-[0-9.]+-\\w+/\\d+"), blas.numerics().toString());
  }

  private static Node linear(DataType type, Source source) {
    GraphBuilder graph = new GraphBuilder();
    Weight weight = new Weight("w", type, Shape.of(256, 256), source, Weight.Use.MATRIX);
    graph.linear("y", graph.input("x", 256), weight, Optional.empty());
    return graph.nodes().getLast();
  }
}
