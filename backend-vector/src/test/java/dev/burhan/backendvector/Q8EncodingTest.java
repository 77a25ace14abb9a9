package dev.burhan.backendvector;

import static dev.burhan.backendvector.OneNode.assertClose;
import static dev.burhan.backendvector.OneNode.oracle;
import static dev.burhan.backendvector.OneNode.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Phase;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Q8EncodingTest {
  private static final int WIDTH = 96;

  private static MemorySegment encode(Arena arena, int bits, float... row) {
    Q8Encoding encoding = new Q8Encoding(Lanes.of(bits), Work::new);
    MemorySegment from = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_FLOAT, row);
    MemorySegment to = arena.allocate(encoding.bytesPerRow(row.length), 64);
    encoding.encode(from, 0, row.length, to, 0);
    return to;
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void eachNumberIsWithinHalfAStep(int bits) {
    Random random = new Random(4);
    float[] row = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      row[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(9) - 4));
    }
    Arrays.fill(row, 32, 64, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = encode(arena, bits, row);
      for (int i = 0; i < WIDTH; i++) {
        float scale = to.get(Memory.FLOAT, Q8Encoding.scales(WIDTH) + i / 32 * 4L);
        int q = to.get(Memory.SHORT, i * 4L);
        assertTrue(Math.abs(q) <= 127, "number " + q);
        assertEquals(q, to.get(Memory.SHORT, i * 4L + 2));
        assertEquals(row[i], scale * q, scale * 0.5001f, "at " + i);
      }
    }
  }

  @Test
  void sumsBelongToTheNumbers() {
    float[] row = new float[WIDTH];
    Random random = new Random(6);
    for (int i = 0; i < WIDTH; i++) {
      row[i] = (float) random.nextGaussian();
    }
    EightBits eight = new EightBits();
    eight.room(WIDTH);
    try (Arena arena = Arena.ofConfined()) {
      eight.read(encode(arena, 512, row), 0, WIDTH, 0);
    }
    for (int run = 8; run <= 32; run *= 2) {
      int[] sums = run == 8 ? eight.sums8 : run == 16 ? eight.sums16 : eight.sums32;
      for (int i = 0; i < WIDTH; i += run) {
        int sum = 0;
        for (int k = i; k < i + run; k++) {
          sum += (short) eight.pairs[k];
        }
        assertEquals(sum, (short) sums[i / run]);
        assertEquals(sum, sums[i / run] >> 16);
        if (run > 8) {
          float[] scaled = run == 16 ? eight.scaledSums16 : eight.scaledSums32;
          assertEquals(eight.scales[i / 32] * sum, scaled[i / run]);
        }
      }
    }
  }

  @Test
  void everyVectorWidthGivesTheSameBytes() {
    float[] row = new float[WIDTH];
    Random random = new Random(5);
    for (int i = 0; i < WIDTH; i++) {
      row[i] = (float) random.nextGaussian();
    }
    try (Arena arena = Arena.ofConfined()) {
      byte[] expected = encode(arena, 512, row).toArray(Memory.BYTE);
      assertArrayEquals(expected, encode(arena, 256, row).toArray(Memory.BYTE));
      assertArrayEquals(expected, encode(arena, 128, row).toArray(Memory.BYTE));
    }
  }

  /** The integers of a block: from byte, until byte. */
  private static final Map<DataType, int[]> INTEGERS =
      Map.of(
          DataType.Q4_0, new int[] {2, 18},
          DataType.Q4_1, new int[] {4, 20},
          DataType.Q5_0, new int[] {2, 22},
          DataType.Q5_1, new int[] {4, 24},
          DataType.Q2_K, new int[] {16, 80},
          DataType.Q3_K, new int[] {0, 96},
          DataType.Q4_K, new int[] {16, 144},
          DataType.Q5_K, new int[] {16, 176},
          DataType.Q6_K, new int[] {0, 192});

  /** Greatest weights times greatest activations: sums of 16 bits must hold them. */
  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void extremesDoNotOverflow(int bits) {
    for (DataType type : INTEGERS.keySet()) {
      for (int columns : new int[] {1, 3}) {
        for (int sign : new int[] {1, -1}) {
          for (byte fill : new byte[] {0, -1}) {
            float[] expected = product(oracle(), type, fill, sign, columns);
            float[] actual = product(vector(bits, true), type, fill, sign, columns);
            assertClose(expected, actual, 2e-6, type + " filled with " + fill + " " + sign);
          }
        }
      }
    }
  }

  /** Two rows of equal integers times activations of +-127. */
  private static float[] product(
      HostKernels kernels, DataType type, byte fill, int sign, int columns) {
    OneNode node =
        new OneNode(
            (graph, checkpoint) -> {
              Shape shape = Shape.of(2, 256);
              MemorySegment bytes = RandomWeights.stored(type, 512, new Random(3));
              int[] integers = INTEGERS.get(type);
              for (long at = 0; at < bytes.byteSize(); at += type.blockBytes()) {
                bytes.asSlice(at + integers[0], integers[1] - integers[0]).fill(fill);
              }
              checkpoint.tensor("w", type, shape, bytes);
              Weight w = new Weight("w", type, shape, new Source.Stored("w"), Weight.Use.MATRIX);
              graph.linear("y", graph.input("x", 256), w, Optional.empty());
            },
            KernelHarness.limits(columns, 4, 4, 1),
            1);
    Value x = node.node().in().getFirst();
    float[] activations = new float[256 * columns];
    Arrays.fill(activations, sign * 127);
    try (KernelHarness harness = node.harness(kernels)) {
      TestBatch batch = new TestBatch(4).add(0, Phase.GENERATED, new int[] {0}, new int[columns]);
      return harness.set(x, activations).run(batch).floats(node.node().out().getFirst(), columns);
    }
  }
}
