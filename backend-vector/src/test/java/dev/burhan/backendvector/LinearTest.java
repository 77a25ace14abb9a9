package dev.burhan.backendvector;

import static dev.burhan.backendvector.OneNode.assertClose;
import static dev.burhan.backendvector.OneNode.oracle;
import static dev.burhan.backendvector.OneNode.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Phase;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LinearTest {
  private static final double ROUNDING = 2e-6;
  private static final int PAGE = 4;

  static final List<DataType> TYPES =
      List.of(
          DataType.F32,
          DataType.F16,
          DataType.BF16,
          DataType.F8_E4M3,
          DataType.Q4_0,
          DataType.Q4_1,
          DataType.Q5_0,
          DataType.Q5_1,
          DataType.Q8_0,
          DataType.Q2_K,
          DataType.Q3_K,
          DataType.Q4_K,
          DataType.Q5_K,
          DataType.Q6_K,
          DataType.IQ4_NL,
          DataType.IQ4_XS,
          DataType.IQ2_XXS,
          DataType.IQ2_XS,
          DataType.IQ2_S,
          DataType.IQ3_XXS,
          DataType.IQ3_S,
          DataType.IQ1_S,
          DataType.IQ1_M);

  static Stream<Arguments> typesAndWidths() {
    return TYPES.stream()
        .flatMap(type -> OneNode.widths().stream().map(bits -> Arguments.of(type, bits)));
  }

  private static int[] colsOf(DataType type) {
    return switch (type.blockElements()) {
      case 1 -> new int[] {1, 5, 48, 56, 520, 896};
      case 32 -> new int[] {32, 96, 512, 576, 896, 1056};
      default -> new int[] {256, 512, 1280};
    };
  }

  private static OneNode linear(DataType type, int rows, int cols, boolean bias, int columns) {
    long seed = 31L * rows + cols;
    return new OneNode(
        (graph, checkpoint) -> {
          Random random = new Random(seed);
          Weight weight =
              RandomWeights.add(checkpoint, "w", type, Weight.Use.MATRIX, random, rows, cols);
          Optional<Weight> biasWeight =
              bias
                  ? Optional.of(
                      RandomWeights.add(
                          checkpoint, "b", DataType.F32, Weight.Use.VECTOR, random, rows))
                  : Optional.empty();
          graph.linear("y", graph.input("x", cols), weight, biasWeight);
        },
        KernelHarness.limits(columns, 16, PAGE, 2),
        seed);
  }

  private static TestBatch batch(int columns, Phase phase) {
    int[] pages = TestBatch.firstPages(columns, PAGE);
    return new TestBatch(PAGE).add(0, phase, pages, new int[columns]);
  }

  @ParameterizedTest
  @MethodSource("typesAndWidths")
  void equalsTheOracleWithF32Activations(DataType type, int bits) {
    for (int cols : colsOf(type)) {
      for (int columns : new int[] {1, 7}) {
        OneNode node = linear(type, 19, cols, columns == 7, columns);
        for (Phase phase : Phase.values()) {
          assertClose(
              node.run(oracle(), columns, batch(columns, phase)),
              node.run(vector(bits, false), columns, batch(columns, phase)),
              ROUNDING,
              type + " cols " + cols + " columns " + columns + " " + phase);
        }
      }
    }
  }

  /** Products in 8 bits are exact: what is left is the rounding of the activations themselves. */
  @ParameterizedTest
  @MethodSource("typesAndWidths")
  void equalsTheOracleOnTheActivationsThatWereEncoded(DataType type, int bits) {
    for (int cols : colsOf(type)) {
      int columns = 3;
      OneNode node = linear(type, 13, cols, true, columns);
      Value x = node.node().in().getFirst();
      Value y = node.node().out().getFirst();
      float[] expected;
      try (KernelHarness harness = node.harness(oracle())) {
        harness.randomInputs(new Random(node.seed()));
        if (PanelType.of(type, Lanes.of(bits)).integers().isPresent()) {
          harness.set(x, decoded(harness.floats(x, columns), cols, bits));
        }
        expected = harness.run(batch(columns, Phase.GENERATED)).floats(y, columns);
      }
      float[] actual = node.run(vector(bits, true), columns, batch(columns, Phase.GENERATED));
      assertClose(expected, actual, ROUNDING, type + " cols " + cols);
    }
  }

  @ParameterizedTest
  @MethodSource("typesAndWidths")
  void theFilesOwnLayoutGivesTheBitsOfPanels(DataType type, int bits) {
    for (int cols : colsOf(type)) {
      for (int columns : new int[] {1, 8}) {
        OneNode node = linear(type, 45, cols, true, columns);
        for (Phase phase : Phase.values()) {
          HostKernels file = new VectorKernels(Lanes.of(bits), true, false);
          assertArrayEquals(
              node.run(vector(bits, true), columns, batch(columns, phase)),
              node.run(file, columns, batch(columns, phase)),
              type + " cols " + cols + " columns " + columns + " " + phase);
        }
      }
    }
  }

  private static float[] decoded(float[] rows, int width, int bits) {
    Q8Encoding encoding = new Q8Encoding(Lanes.of(bits), Work::new);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate(4L * rows.length, 64);
      MemorySegment to = arena.allocate(encoding.bytesPerRow(width), 64);
      MemorySegment.copy(rows, 0, from, Memory.FLOAT, 0, rows.length);
      float[] result = new float[rows.length];
      for (int row = 0; row < rows.length / width; row++) {
        encoding.encode(from, 4L * row * width, width, to, 0);
        for (int i = 0; i < width; i++) {
          float scale = to.get(Memory.FLOAT, Q8Encoding.scales(width) + i / 32 * 4L);
          result[row * width + i] = scale * to.get(Memory.SHORT, i * 4L);
        }
      }
      return result;
    }
  }

  @ParameterizedTest
  @MethodSource("typesAndWidths")
  void aColumnsBitsDependOnNothingElseInTheBatch(DataType type, int bits) {
    int cols = type.blockElements() == 1 ? 600 : 3 * Math.max(256, type.blockElements());
    assertBitsDependOnNothingElse(type, bits, cols, 9);
  }

  /** More columns than are multiplied as bytes are unpacked, over several sections of a panel. */
  @Test
  void aColumnsBitsDependOnNothingElseWhereBytesAreUnpackedInRegisters() {
    for (int bits : OneNode.widths()) {
      assertBitsDependOnNothingElse(DataType.Q8_0, bits, 2080, ByteTile.MOST + 2);
    }
  }

  private static void assertBitsDependOnNothingElse(DataType type, int bits, int cols, int most) {
    int rows = 37;
    OneNode node = linear(type, rows, cols, true, most);
    Value x = node.node().in().getFirst();
    Value y = node.node().out().getFirst();
    for (Phase phase : Phase.values()) {
      float[] all = node.run(vector(bits, true), most, batch(most, phase));
      for (int columns = 1; columns < most; columns++) {
        try (KernelHarness harness = node.harness(vector(bits, true))) {
          harness.randomInputs(new Random(node.seed()));
          int first = most - columns;
          float[] tail = Arrays.copyOfRange(harness.floats(x, most), first * cols, most * cols);
          harness.set(x, tail).runShuffled(batch(columns, phase), new Random(columns));
          assertArrayEquals(
              Arrays.copyOfRange(all, first * rows, most * rows),
              harness.floats(y, columns),
              type + " " + phase + " columns " + columns);
        }
      }
    }
  }

  @Test
  void promptAndGeneratedColumnsOfOneBatchKeepTheirOwnBits() {
    for (int bits : OneNode.widths()) {
      int rows = 20;
      OneNode node = linear(DataType.Q5_0, rows, 96, false, 5);
      float[] prompt = node.run(vector(bits, true), 5, batch(5, Phase.PROMPT));
      float[] generated = node.run(vector(bits, true), 5, batch(5, Phase.GENERATED));
      TestBatch mixed =
          new TestBatch(PAGE)
              .add(3, Phase.GENERATED, new int[] {0}, 0)
              .add(0, Phase.PROMPT, new int[] {1}, 0, 0, 0)
              .add(7, Phase.GENERATED, new int[] {2, 3}, 0);
      float[] actual = node.run(vector(bits, true), 5, mixed);
      System.arraycopy(generated, 0, prompt, 0, rows);
      System.arraycopy(generated, 4 * rows, prompt, 4 * rows, rows);
      assertArrayEquals(prompt, actual);
    }
  }

  @Test
  void moreColumnsThanAPartHoldsAreAllComputed() {
    OneNode node = linear(DataType.Q4_K, 9, 256, false, 300);
    assertClose(
        node.run(oracle(), 300, batch(300, Phase.PROMPT)),
        node.run(vector(512, true), 300, batch(300, Phase.PROMPT)),
        ROUNDING,
        "300 columns");
  }

  @Test
  void logitsOfTheColumnsThatWantThemHaveF32ActivationsInEveryMode() {
    for (int bits : OneNode.widths()) {
      OneNode node =
          new OneNode(
              (graph, checkpoint) -> {
                Weight head =
                    RandomWeights.add(
                        checkpoint,
                        "head",
                        DataType.Q8_0,
                        Weight.Use.MATRIX,
                        new Random(5),
                        50,
                        64);
                graph.logits("logits", graph.input("x", 64), head);
              },
              KernelHarness.limits(6, 16, PAGE, 2),
              7);
      for (Phase phase : Phase.values()) {
        TestBatch batch = batch(6, phase).logits(5, 0, 3);
        float[] expected = node.run(oracle(), 3, batch);
        assertClose(expected, node.run(vector(bits, true), 3, batch), ROUNDING, "q8 " + phase);
        assertClose(expected, node.run(vector(bits, false), 3, batch), ROUNDING, "f32 " + phase);
      }
    }
  }
}
