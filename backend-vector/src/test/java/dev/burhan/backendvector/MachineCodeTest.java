package dev.burhan.backendvector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Phase;
import dev.burhan.backendvector.machinecode.MachineCode;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Machine code gives the bits of the Vector API, for every type and number of columns. */
class MachineCodeTest {
  private static final int PAGE = 4;

  private static final List<DataType> TYPES =
      List.of(
          DataType.Q4_0,
          DataType.Q4_1,
          DataType.Q4_K,
          DataType.Q5_0,
          DataType.Q5_1,
          DataType.Q5_K,
          DataType.Q6_K,
          DataType.Q8_0);

  static Stream<Arguments> types() {
    return IntStream.of(256, 512)
        .boxed()
        .flatMap(bits -> TYPES.stream().map(type -> Arguments.of(type, bits)));
  }

  private static Lanes lanes(int bits) {
    Optional<MachineCode> code = MachineCode.find(bits);
    assumeTrue(code.isPresent(), "a processor without AVX-512 BW, or AVX2 and FMA, or not Linux");
    return Lanes.of(code.orElseThrow());
  }

  private static HostKernels kernels(int bits, boolean machineCode) {
    return new VectorKernels(machineCode ? lanes(bits) : Lanes.of(bits), true, true);
  }

  private static TestBatch batch(int columns, Phase phase) {
    return new TestBatch(PAGE).add(0, phase, TestBatch.firstPages(columns, PAGE), new int[columns]);
  }

  private static OneNode linear(DataType type, int rows, int cols, int columns) {
    long seed = 17L * rows + cols;
    return new OneNode(
        (graph, checkpoint) -> {
          Weight weight =
              RandomWeights.add(
                  checkpoint, "w", type, Weight.Use.MATRIX, new Random(seed), rows, cols);
          graph.linear("y", graph.input("x", cols), weight, Optional.empty());
        },
        KernelHarness.limits(columns, 16, PAGE, 2),
        seed);
  }

  @ParameterizedTest
  @MethodSource("types")
  void itIsThere(DataType type, int bits) {
    Lanes lanes = lanes(bits);
    assertEquals(bits, lanes.bits());
    PanelType panels = PanelType.of(type, lanes);
    assertTrue(
        panels.integers().map(IntegerPanels::assembled).orElse(lanes.bytesInMachineCode() != null));
  }

  /** Rows that fill no panel, lengths of several sections and of less than one. */
  @ParameterizedTest
  @MethodSource("types")
  void linearHasTheSameBits(DataType type, int bits) {
    int[] lengths =
        type.blockElements() == 32 ? new int[] {32, 96, 896, 2080} : new int[] {256, 512, 2304};
    for (int cols : lengths) {
      for (int columns : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 35}) {
        for (Phase phase : Phase.values()) {
          OneNode node = linear(type, 45, cols, columns);
          assertArrayEquals(
              node.run(kernels(bits, false), columns, batch(columns, phase)),
              node.run(kernels(bits, true), columns, batch(columns, phase)),
              "%s %d bits cols %d columns %d %s".formatted(type, bits, cols, columns, phase));
        }
      }
    }
  }

  /** All numbers at one end of what they may be, and all activations too. */
  @ParameterizedTest
  @MethodSource("types")
  void extremesHaveTheSameBits(DataType type, int bits) {
    int rows = 33;
    int cols = 512;
    int columns = 8;
    for (byte fill : new byte[] {0x00, -1, 0x7f, -128}) {
      OneNode node =
          new OneNode(
              (graph, checkpoint) -> {
                Shape shape = Shape.of(rows, cols);
                MemorySegment stored =
                    RandomWeights.stored(type, shape.elements(), new Random(fill));
                for (long at = 0; at < stored.byteSize(); at += type.blockBytes()) {
                  stored.asSlice(at + numbersFrom(type), numbersBytes(type)).fill(fill);
                }
                checkpoint.tensor("w", type, shape, stored);
                Weight weight =
                    new Weight("w", type, shape, new Source.Stored("w"), Weight.Use.MATRIX);
                graph.linear("y", graph.input("x", cols), weight, Optional.empty());
              },
              KernelHarness.limits(columns, 16, PAGE, 2),
              5);
      for (float activation : new float[] {3, -3}) {
        assertArrayEquals(
            filled(node, kernels(bits, false), columns, cols, activation),
            filled(node, kernels(bits, true), columns, cols, activation),
            type + ", " + bits + " bits, filled with " + fill + " times " + activation);
      }
    }
  }

  private static float[] filled(
      OneNode node, HostKernels kernels, int columns, int cols, float activation) {
    float[] x = new float[columns * cols];
    Arrays.fill(x, activation);
    try (KernelHarness harness = node.harness(kernels)) {
      harness.set(node.node().in().getFirst(), x);
      TestBatch batch = batch(columns, Phase.GENERATED);
      return harness.run(batch).floats(node.node().out().getFirst(), columns);
    }
  }

  /** Where a block has its numbers: {@link DataType}. */
  private static int numbersFrom(DataType type) {
    return switch (type.name()) {
      case "Q4_0", "Q5_0", "Q8_0" -> 2;
      case "Q4_1", "Q5_1" -> 4;
      case "Q4_K", "Q5_K" -> 16;
      default -> 0; // Q6_K
    };
  }

  private static int numbersBytes(DataType type) {
    return type.equals(DataType.Q6_K) ? 192 : type.blockBytes() - numbersFrom(type);
  }
}
