package dev.burhan.kernel.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.backend.KvPlane;
import dev.burhan.backend.Limits;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Plane;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.tensor.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KvMemoryTest {
  private static final Graph GRAPH =
      new Graph(
          List.of(),
          List.of(),
          List.of(
              new CacheSpec(0, 0, List.of(plane("key", 6), plane("value", 6)), 0),
              new CacheSpec(1, 1, List.of(plane("latent", 5), plane("rope", 2)), 0)),
          Map.of());

  private static Plane plane(String name, int numbers) {
    return new Plane(name, numbers, List.of(DataType.F32, DataType.F16));
  }

  private static Limits limits(Map<String, DataType> planes) {
    return new Limits(4, 1, 1, 32, 8, 4, 1, planes);
  }

  @Test
  void aPageIsCountedFromTheCachesAlone() {
    assertEquals(4 * 4 * (6 + 6 + 5 + 2), KvMemory.pageBytes(GRAPH, limits(Map.of())));
    assertEquals(
        4 * (4 * (6 + 6 + 2) + 2 * 5),
        KvMemory.pageBytes(GRAPH, limits(Map.of("latent", DataType.F16))));
  }

  @Test
  void eightBitPagesKeepNumbersWithinHalfAStep() {
    Plane key = new Plane("key", 64, List.of(DataType.F32, DataType.Q8_0));
    Graph graph =
        new Graph(List.of(), List.of(), List.of(new CacheSpec(0, 0, List.of(key), 0)), Map.of());
    Limits eight = limits(Map.of("key", DataType.Q8_0));
    assertEquals(4 * 68, KvMemory.pageBytes(graph, eight));
    try (Arena arena = Arena.ofConfined();
        KvMemory kv = new KvMemory(graph, eight, new NativeHostMemory())) {
      MemorySegment page = arena.allocate(kv.canonicalBytes(0), 64);
      Random random = new Random(1);
      for (int i = 0; i < 4 * 64; i++) {
        float number = i / 32 == 3 ? 0 : (float) random.nextGaussian() * (1 + i);
        page.setAtIndex(ValueLayout.JAVA_FLOAT, i, number);
      }
      MemorySegment again = arena.allocate(page.byteSize(), 64);
      kv.load(2, 0, page);
      kv.save(2, 0, again);
      for (int block = 0; block < 8; block++) {
        float greatest = 0;
        for (int i = 0; i < 32; i++) {
          float number = page.getAtIndex(ValueLayout.JAVA_FLOAT, block * 32 + i);
          greatest = Math.max(greatest, Math.abs(number));
        }
        for (int i = 0; i < 32; i++) {
          assertEquals(
              page.getAtIndex(ValueLayout.JAVA_FLOAT, block * 32 + i),
              again.getAtIndex(ValueLayout.JAVA_FLOAT, block * 32 + i),
              0.57 * greatest / 127,
              "block " + block);
        }
      }
      kv.load(3, 0, again);
      kv.save(3, 0, page);
      kv.load(2, 0, page);
      kv.save(2, 0, again);
      assertEquals(-1, page.mismatch(again), "what was rounded stays");
    }
  }

  @Test
  void savedPagesLoadElsewhereAlsoInAnotherType() {
    try (Arena arena = Arena.ofConfined();
        KvMemory from = new KvMemory(GRAPH, limits(Map.of()), new NativeHostMemory());
        KvMemory to =
            new KvMemory(GRAPH, limits(Map.of("latent", DataType.F16)), new NativeHostMemory())) {
      for (int plane = 0; plane < 2; plane++) {
        KvPlane target = from.plane(1, plane);
        for (int slot = 0; slot < 4; slot++) {
          for (int i = 0; i < target.numbers(); i++) {
            target
                .segment()
                .set(
                    ValueLayout.JAVA_FLOAT,
                    target.offset(3, slot) + 4L * i,
                    plane * 100 + slot * 10 + i);
          }
        }
      }
      MemorySegment page = arena.allocate(from.canonicalBytes(1), 64);
      from.save(3, 1, page);
      to.load(5, 1, page);
      to.copy(5, 2);
      KvPlane latent = to.plane(1, 0);
      short half = latent.segment().get(ValueLayout.JAVA_SHORT, latent.offset(2, 3) + 2L * 4);
      assertEquals(34f, Float.float16ToFloat(half));
      KvPlane rope = to.plane(1, 1);
      assertEquals(131f, rope.segment().get(ValueLayout.JAVA_FLOAT, rope.offset(2, 3) + 4));
      MemorySegment again = arena.allocate(to.canonicalBytes(1), 64);
      to.save(2, 1, again);
      assertEquals(-1, page.mismatch(again));
    }
  }
}
