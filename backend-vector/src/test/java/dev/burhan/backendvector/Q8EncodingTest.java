package dev.burhan.backendvector;

import static dev.burhan.backendvector.OneNode.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Phase;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Q8EncodingTest {
  private static final int WIDTH = 96;

  private static MemorySegment encode(Arena arena, int bits, float... row) {
    Q8Encoding encoding = new Q8Encoding(Lanes.of(bits));
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
        float scale = to.get(Memory.FLOAT, Q8Encoding.scales(WIDTH, 32) + i / 32 * 4L);
        int q = to.get(Memory.SHORT, i * 2L);
        assertTrue(Math.abs(q) <= 127, "number " + q);
        assertEquals(row[i], scale * q, scale * 0.5001f, "at " + i);
      }
      for (int half = 0; half < WIDTH / 16; half++) {
        int sum = 0;
        for (int i = 0; i < 16; i++) {
          sum += to.get(Memory.SHORT, (half * 16 + i) * 2L);
        }
        float scale = to.get(Memory.FLOAT, Q8Encoding.scales(WIDTH, 16) + half * 4L);
        assertEquals(scale * sum, to.get(Memory.FLOAT, Q8Encoding.sums(WIDTH, 16) + half * 4L));
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

  /** Greatest weights times greatest activations: sums of 16 bits must hold them. */
  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void extremesDoNotOverflow(int bits) {
    for (int sign : new int[] {1, -1}) {
      for (int weight : new int[] {-128, -127, 127}) {
        assertEquals(
            (double) sign * weight * 127 * 32, product(bits, weight, sign), 1, weight + " " + sign);
      }
    }
  }

  /** A row of 32 equal Q8_0 weights of scale 1 times 32 activations of +-127. */
  private static float product(int bits, int weight, int sign) {
    ByteBuffer block = ByteBuffer.allocate(34).order(ByteOrder.LITTLE_ENDIAN);
    block.putShort(Float.floatToFloat16(1));
    while (block.hasRemaining()) {
      block.put((byte) weight);
    }
    OneNode node =
        new OneNode(
            (graph, checkpoint) -> {
              Shape shape = Shape.of(1, 32);
              MemorySegment bytes = MemorySegment.ofArray(block.array());
              checkpoint.tensor("w", DataType.Q8_0, shape, bytes);
              Weight w =
                  new Weight(
                      "w",
                      DataType.Q8_0,
                      shape,
                      new dev.burhan.graph.Source.Stored("w"),
                      Weight.Use.MATRIX);
              graph.linear("y", graph.input("x", 32), w, Optional.empty());
            },
            KernelHarness.limits(1, 4, 4, 1),
            1);
    Value x = node.node().in().getFirst();
    float[] activations = new float[32];
    Arrays.fill(activations, sign * 127);
    try (KernelHarness harness = node.harness(vector(bits, true))) {
      TestBatch batch = new TestBatch(4).add(0, Phase.GENERATED, new int[] {0}, 0);
      return harness.set(x, activations).run(batch).floats(node.node().out().getFirst(), 1)[0];
    }
  }
}
