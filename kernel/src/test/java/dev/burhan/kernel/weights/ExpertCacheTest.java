package dev.burhan.kernel.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.provider.BurhanException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExpertCacheTest {
  private static final int BYTES = 4096;

  private final ExpertCache cache = new ExpertCache(10 * BYTES, new NativeHostMemory());

  private static void number(int expert, MemorySegment to) {
    to.fill((byte) expert);
  }

  private byte use(int expert) {
    ExpertCache.Key key = new ExpertCache.Key(0, expert);
    MemorySegment bytes = cache.acquire(key, BYTES, to -> number(expert, to));
    byte found = bytes.get(ValueLayout.JAVA_BYTE, BYTES - 1);
    cache.release(key);
    return found;
  }

  @Test
  void staysWithinItsBudgetAndGivesEachItsOwnBytes() {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      int expert = random.nextInt(100);
      if (random.nextBoolean()) {
        int ahead = random.nextInt(100);
        cache.prefetch(new ExpertCache.Key(0, ahead), BYTES, to -> number(ahead, to));
      }
      assertEquals((byte) expert, use(expert));
      assertTrue(cache.counts().bytes() <= 10 * BYTES);
    }
    ExpertCounts counts = cache.counts();
    assertEquals(2000, counts.hits() + counts.misses());
    assertTrue(counts.hits() > 0);
    assertTrue(counts.bytesRead() >= counts.misses() * BYTES / 2);
    cache.close();
  }

  @Test
  void whatIsUsedOftenStays() {
    for (int i = 0; i < 1000; i++) {
      use(0);
      use(0);
      use(1 + i);
    }
    assertEquals(1001, cache.counts().misses());
    cache.close();
  }

  @Test
  void whatIsHeldStaysBeyondTheBudget() {
    MemorySegment first = null;
    for (int expert = 0; expert < 20; expert++) {
      int number = expert;
      MemorySegment bytes =
          cache.acquire(new ExpertCache.Key(0, expert), BYTES, to -> number(number, to));
      first = first == null ? bytes : first;
    }
    assertEquals(0, first.get(ValueLayout.JAVA_BYTE, 0));
    assertEquals(20 * BYTES, cache.counts().bytes());
    for (int expert = 0; expert < 20; expert++) {
      cache.release(new ExpertCache.Key(0, expert));
    }
    assertEquals(10 * BYTES, cache.counts().bytes());
    cache.close();
  }

  @Test
  void aFailedReadIsToldAndTriedAgain() {
    ExpertCache.Key key = new ExpertCache.Key(0, 7);
    ExpertCache.Reader broken =
        to -> {
          throw new BurhanException("the file ends at 12");
        };
    cache.prefetch(key, BYTES, broken);
    assertThrows(BurhanException.class, () -> cache.acquire(key, BYTES, broken));
    assertEquals(7, use(7));
    cache.close();
  }
}
