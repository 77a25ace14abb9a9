package dev.burhan.kernel.weights;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Resident;
import dev.burhan.backend.Rows;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.graph.Source;
import dev.burhan.graph.Source.Stored;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.provider.BurhanException;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Dequantiser;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CheckpointWeightStoreTest {
  private final MemoryCheckpoint checkpoint =
      new MemoryCheckpoint("test")
          .tensor("a", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)
          .tensor("b", Shape.of(2, 3), 7, 8, 9, 10, 11, 12)
          .tensor("cube", Shape.of(2, 3, 2), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  private final NativeHostMemory memory = new NativeHostMemory();
  private final CheckpointWeightStore store = new CheckpointWeightStore(checkpoint, memory);

  @AfterEach
  void everythingIsGivenBack() {
    store.close();
    assertEquals(0, memory.liveBlocks());
    assertTrue(checkpoint.isClosed());
  }

  private static Weight weight(DataType type, Source source, long... shape) {
    return new Weight("test", type, Shape.of(shape), source, Weight.Use.MATRIX);
  }

  private float[] f32(Source source, long... shape) {
    try (Resident held = store.acquire(weight(DataType.F32, source, shape), Layout.FILE)) {
      return held.segment().toArray(JAVA_FLOAT);
    }
  }

  @Test
  void storedTensorsAreNotCopied() {
    Weight a = weight(DataType.F32, new Stored("a"), 2, 3);
    try (Resident held = store.acquire(a, Layout.FILE)) {
      assertEquals(checkpoint.data("a").address(), held.segment().address());
      assertEquals(24, held.segment().byteSize());
      assertTrue(held.segment().isReadOnly());
      assertEquals(0, memory.liveBlocks());
    }
  }

  @Test
  void numbersAtOddAddressesAreMoved() {
    MemorySegment two = MemorySegment.ofArray(new float[] {1.5f, -2});
    checkpoint.tensor("odd", DataType.F32, Shape.of(2), two, 1);
    Weight odd = weight(DataType.F32, new Stored("odd"), 2);
    try (Resident held = store.acquire(odd, Layout.FILE)) {
      assertEquals(0, held.segment().address() % 4);
      assertArrayEquals(new float[] {1.5f, -2}, held.segment().toArray(JAVA_FLOAT));
    }
  }

  @Test
  void sliceAlongTheFirstAxisStaysInPlace() {
    Source last = new Source.Slice(new Stored("cube"), 0, 1, 2);
    try (Resident held = store.acquire(weight(DataType.F32, last, 1, 3, 2), Layout.FILE)) {
      assertEquals(checkpoint.data("cube").address() + 24, held.segment().address());
      assertArrayEquals(new float[] {6, 7, 8, 9, 10, 11}, held.segment().toArray(JAVA_FLOAT));
    }
  }

  @Test
  void expressionsGiveTheNumbersThatTheySay() {
    assertArrayEquals(
        new float[] {2, 3, 4, 5, 8, 9, 10, 11},
        f32(new Source.Slice(new Stored("cube"), 1, 1, 3), 2, 2, 2));
    assertArrayEquals(
        new float[] {2, 3, 5, 6}, f32(new Source.Slice(new Stored("a"), 1, 1, 3), 2, 2));
    assertArrayEquals(
        new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
        f32(new Source.Stack(List.of(new Stored("a"), new Stored("b"))), 2, 2, 3));
    assertArrayEquals(
        new float[] {1, 4, 2, 5, 3, 6}, f32(new Source.Transpose(new Stored("a")), 3, 2));
    assertArrayEquals(
        new float[] {0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11},
        f32(new Source.Transpose(new Stored("cube")), 2, 2, 3));
    assertArrayEquals(
        new float[] {1, 2, 3, 4, 5, 6},
        f32(new Source.Reshape(new Stored("a"), List.of(3L, 2L)), 3, 2));
    assertArrayEquals( // the second of three rows of four, cut from rows of three
        new float[] {5, 6, 7, 8},
        f32(
            new Source.Slice(
                new Source.Reshape(
                    new Source.Stack(List.of(new Stored("a"), new Stored("b"))), List.of(3L, 4L)),
                0,
                1,
                2),
            1,
            4));
  }

  @Test
  void blockScalesCoverPartialBlocks() {
    checkpoint.tensor("scales", Shape.of(1, 2), 10, 100);
    Source scaled = new Source.BlockScaled(new Stored("a"), new Stored("scales"), 4, 2);
    assertArrayEquals(new float[] {10, 20, 300, 40, 50, 600}, f32(scaled, 2, 3));

    checkpoint.tensor("rowScales", Shape.of(2, 1), 2, 3);
    Source rows = new Source.BlockScaled(new Stored("a"), new Stored("rowScales"), 1, 128);
    assertArrayEquals(new float[] {2, 4, 6, 12, 15, 18}, f32(rows, 2, 3));

    Source wrong = new Source.BlockScaled(new Stored("a"), new Stored("scales"), 1, 2);
    var e = assertThrows(CheckpointException.class, () -> f32(wrong, 2, 3));
    assertTrue(e.getMessage().contains("tensor 'scales' has shape (1, 2)"), e.getMessage());
    assertTrue(e.getMessage().contains("(2, 2)"), e.getMessage());
  }

  @Test
  void quantisedWeightsAreDequantisedForF32() {
    byte[] blocks = new byte[3 * 2 * 34];
    new Random(5).nextBytes(blocks);
    for (int block = 0; block < 6; block++) {
      blocks[34 * block + 1] = 0x2c; // a scale of about 1/16
    }
    MemorySegment stored = MemorySegment.ofArray(blocks);
    checkpoint.tensor("q", DataType.Q8_0, Shape.of(3, 64), stored);
    Weight q = weight(DataType.Q8_0, new Stored("q"), 3, 64);
    float[] expected = Dequantiser.decode(DataType.Q8_0, 192, stored, 0);
    try (Resident file = store.acquire(q, Layout.FILE);
        Resident f32 = store.acquire(q, Layout.F32)) {
      assertEquals(-1, file.segment().mismatch(stored));
      assertArrayEquals(expected, f32.segment().toArray(JAVA_FLOAT));
    }
    // half a block can only be had as F32
    assertArrayEquals(
        java.util.Arrays.copyOfRange(expected, 16, 48),
        f32(new Source.Slice(new Source.Slice(new Stored("q"), 0, 0, 1), 1, 16, 48), 1, 32));
  }

  @Test
  void aWeightThatDoesNotFitTheFileIsAnErrorThatNamesBoth() {
    var shape =
        assertThrows(CheckpointException.class, () -> f32(new Stored("a"), 3, 2)).getMessage();
    assertEquals("memory: tensor 'a' has shape (2, 3), expected (3, 2)", shape);
    Weight half = weight(DataType.F16, new Stored("a"), 2, 3);
    var type =
        assertThrows(CheckpointException.class, () -> store.acquire(half, Layout.FILE))
            .getMessage();
    assertEquals("memory: tensor 'a' is of type F32, expected F16", type);
    assertThrows(CheckpointException.class, () -> f32(new Stored("c"), 1));
    assertThrows(
        CheckpointException.class, () -> f32(new Source.Slice(new Stored("a"), 0, 1, 3), 2, 3));
    assertThrows(
        CheckpointException.class,
        () -> f32(new Source.Stack(List.of(new Stored("a"), new Stored("cube"))), 2, 2, 3));
    assertThrows(
        CheckpointException.class,
        () -> f32(new Source.Reshape(new Stored("a"), List.of(4L, 2L)), 4, 2));
    assertEquals(0, store.residents());
  }

  /** Writes each row's number of calls; fails when told to. */
  private static final class CountingPacker implements Packer {
    final AtomicInteger packed = new AtomicInteger();
    final boolean fails;

    CountingPacker(boolean fails) {
      this.fails = fails;
    }

    @Override
    public long bytes(Weight weight) {
      return weight.shape().rows();
    }

    @Override
    public int rowsPerPanel() {
      return 16;
    }

    @Override
    public void pack(Weight weight, Rows rows, long first, long count, MemorySegment to) {
      assertEquals(0, first % 16);
      if (fails && first > 0) {
        throw new BurhanException("can't pack");
      }
      packed.incrementAndGet();
      for (long row = first; row < first + count; row++) {
        to.set(JAVA_BYTE, row, (byte) (to.get(JAVA_BYTE, row) + 1));
      }
    }
  }

  private Weight tall() {
    checkpoint.tensor("tall", Shape.of(5000, 301), new float[5000 * 301]);
    return weight(DataType.F32, new Stored("tall"), 5000, 301);
  }

  @Test
  void everyRowIsPackedOnceAndSharedByAllHolders() throws Exception {
    Weight tall = tall();
    Layout panels = new Layout("test-panels", 1);
    CountingPacker packer = new CountingPacker(false);
    CountDownLatch together = new CountDownLatch(4);
    Callable<Resident> holder =
        () -> {
          together.countDown();
          together.await();
          return store.acquire(tall, panels, packer);
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Resident>> holds = threads.invokeAll(List.of(holder, holder, holder, holder));
      MemorySegment first = holds.getFirst().get().segment();
      assertEquals(5000, first.byteSize());
      for (byte calls : first.toArray(JAVA_BYTE)) {
        assertEquals(1, calls);
      }
      for (Future<Resident> hold : holds) {
        assertEquals(first.address(), hold.get().segment().address());
      }
      assertEquals(1, memory.liveBlocks());
      holds.getFirst().get().close();
      holds.getFirst().get().close(); // counts once
      for (Future<Resident> hold : holds.subList(1, 4)) {
        assertEquals(1, memory.liveBlocks());
        hold.get().close();
      }
    }
    assertEquals(0, memory.liveBlocks());
    assertEquals(Math.ceilDiv(5000, 3488), packer.packed.get());
  }

  @Test
  void aPackerThatFailsLeavesNothingBehind() {
    Weight tall = tall();
    Layout panels = new Layout("test-panels", 1);
    var e =
        assertThrows(
            BurhanException.class, () -> store.acquire(tall, panels, new CountingPacker(true)));
    assertEquals("can't pack", e.getMessage());
    assertEquals(0, memory.liveBlocks());
    assertEquals(0, store.residents());
    store.acquire(tall, panels, new CountingPacker(false)).close(); // and can be tried again
  }

  @Test
  void theCheckpointStaysOpenUntilTheLastHoldIsGone() {
    Weight a = weight(DataType.F32, new Stored("a"), 2, 3);
    Resident held = store.acquire(a, Layout.FILE);
    assertSame(a, held.weight());
    store.close();
    assertFalse(checkpoint.isClosed());
    assertThrows(IllegalStateException.class, () -> store.acquire(a, Layout.FILE));
    assertEquals(1, held.segment().get(JAVA_FLOAT, 0));
    held.close();
    assertTrue(checkpoint.isClosed());
  }
}
