package dev.burhan.backendvector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.backend.Batch;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Limits;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Node;
import dev.burhan.graph.Value;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;

/**
 * One node with random weights and inputs from a seed, run by a library of kernels. Two runs with
 * equal seeds see the same numbers.
 */
record OneNode(BiConsumer<GraphBuilder, MemoryCheckpoint> graph, Limits limits, long seed) {

  static HostKernels vector(int bits, boolean eightBits) {
    return new VectorKernels(Lanes.of(bits), eightBits, true);
  }

  static HostKernels oracle() {
    return new OracleProvider().open(Map.of());
  }

  KernelHarness harness(HostKernels kernels) {
    GraphBuilder builder = new GraphBuilder();
    MemoryCheckpoint checkpoint = new MemoryCheckpoint("test");
    graph.accept(builder, checkpoint);
    return new KernelHarness(kernels, builder.nodes().getLast(), limits, checkpoint);
  }

  Node node() {
    GraphBuilder builder = new GraphBuilder();
    graph.accept(builder, new MemoryCheckpoint("test"));
    return builder.nodes().getLast();
  }

  /** Rows of the first output after the steps, one after another. */
  float[] run(HostKernels kernels, int rows, Batch batch) {
    Value out = node().out().getFirst();
    try (KernelHarness harness = harness(kernels)) {
      harness.randomInputs(new Random(seed)).runShuffled(batch, new Random(seed + 1));
      return harness.floats(out, rows);
    }
  }

  static void assertClose(float[] expected, float[] actual, double tolerance, String what) {
    assertEquals(expected.length, actual.length, what);
    double greatest = 0;
    for (float number : expected) {
      greatest = Math.max(greatest, Math.abs(number));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance * Math.max(greatest, 1e-3), what + " at " + i);
    }
  }

  static List<Integer> widths() {
    return List.of(128, 256, 512);
  }
}
