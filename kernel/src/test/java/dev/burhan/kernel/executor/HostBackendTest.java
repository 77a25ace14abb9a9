package dev.burhan.kernel.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Program;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HostBackendTest {
  private static final Limits LIMITS = new Limits(4, 1, 1, 32, 8, 4, 1, Map.of());

  /** The oracle, and how often it was closed. */
  private static HostKernels counting(AtomicInteger closes) {
    HostKernels oracle = new OracleProvider().open(Map.of());
    return (HostKernels)
        Proxy.newProxyInstance(
            HostKernels.class.getClassLoader(),
            new Class<?>[] {HostKernels.class},
            (_, method, arguments) -> {
              if (method.getName().equals("close")) {
                closes.incrementAndGet();
              }
              return method.invoke(oracle, arguments);
            });
  }

  /** Kernels may run on what a library holds. */
  @Test
  void librariesAreClosedWithTheLastProgram() {
    AtomicInteger closes = new AtomicInteger();
    MemoryCheckpoint checkpoint = new MemoryCheckpoint("test");
    checkpoint.tensor("w", Shape.of(2, 2), 1, 2, 3, 4);
    GraphBuilder builder = new GraphBuilder();
    Weight weight =
        new Weight("w", DataType.F32, Shape.of(2, 2), new Source.Stored("w"), Weight.Use.GATHER);
    builder.embed("x", weight);
    Graph graph = builder.build();
    NativeHostMemory memory = new NativeHostMemory();
    HostBackend backend =
        new HostBackend(List.of(new NamedKernels("oracle", counting(closes))), memory);
    try (CheckpointWeightStore weights = new CheckpointWeightStore(checkpoint, memory)) {
      Program first = backend.compile(backend.plan(graph, LIMITS), weights);
      Program second = backend.compile(backend.plan(graph, LIMITS), weights);
      first.close();
      assertEquals(0, closes.get());
      backend.close();
      backend.close();
      assertEquals(0, closes.get());
      second.close();
      second.close();
      assertEquals(1, closes.get());
    }
  }
}
