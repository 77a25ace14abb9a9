package dev.burhan.kernel.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Limits;
import dev.burhan.backend.Phase;
import dev.burhan.kernel.memory.NativeHostMemory;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepBatchTest {
  private static final Limits LIMITS = new Limits(16, 4, 8, 40, 12, 4, 1, Map.of());

  @Test
  void prefillAndDecodeShareARaggedBatch() {
    PagePool pool = new PagePool(LIMITS.pages());
    try (StepBatch batch = new StepBatch(LIMITS, new NativeHostMemory());
        Sequence prefill = new Sequence(new int[] {10, 11, 12, 13, 14, 15}, pool, 4);
        Sequence decode = new Sequence(new int[] {20, 21}, pool, 4)) {
      decode.append(22);
      decode.reserve(3);
      decode.computedTo(2);
      prefill.reserve(6);
      prefill.computedTo(1);
      batch.add(prefill, 5, 0);
      batch.add(decode, 1, 1);

      assertEquals(2, batch.sequences());
      assertEquals(6, batch.columns());
      assertEquals(5, batch.firstColumn(1));
      assertEquals(6, batch.firstColumn(2));
      assertEquals(11, batch.token(0));
      assertEquals(22, batch.token(5));
      assertEquals(2, batch.position(5));
      assertEquals(Phase.PROMPT, batch.phase(4));
      assertEquals(Phase.GENERATED, batch.phase(5));
      assertEquals(1, batch.logitRows());
      assertEquals(5, batch.logitColumn(0));
      int[] raw = batch.raw().toArray(ValueLayout.JAVA_INT);
      assertArrayEquals(
          new int[] {
            2,
            6,
            1,
            2,
            4,
            0,
            0,
            0, // header
            0,
            5,
            6, // first columns
            0,
            0,
            0,
            0,
            0,
            1, // sequence of each column
            1,
            2,
            3,
            4,
            5,
            2, // positions
            11,
            12,
            13,
            14,
            15,
            22, // tokens
            0,
            0,
            0,
            0,
            0,
            1, // phases
            2,
            1, // pages
            1,
            2,
            0,
            -1, // block table
            0,
            0, // adapters
            5 // logit columns
          },
          raw);
    }
    assertEquals(LIMITS.pages(), pool.available());
  }

  @Test
  void aSequenceThatOutgrowsThePagesIsToldSo() {
    PagePool pool = new PagePool(2);
    try (Sequence sequence = new Sequence(new int[] {1}, pool, 4)) {
      assertTrue(sequence.reserve(8));
      assertFalse(sequence.reserve(9));
      assertEquals(2, sequence.pageCount());
    }
    assertEquals(2, pool.available());
  }

  @Test
  void aPageCantBeGivenBackTwice() {
    PagePool pool = new PagePool(2);
    int page = pool.take();
    pool.give(page);
    assertThrows(IllegalStateException.class, () -> pool.give(page));
  }
}
