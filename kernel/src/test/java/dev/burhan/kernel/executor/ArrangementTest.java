package dev.burhan.kernel.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ArrangementTest {
  @Test
  void blocksThatLiveTogetherNeverOverlap() {
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      int count = 1 + random.nextInt(30);
      long[] bytes = new long[count];
      int[] born = new int[count];
      int[] dies = new int[count];
      Arrangement arrangement = new Arrangement();
      for (int i = 0; i < count; i++) {
        bytes[i] = 1 + random.nextInt(1000);
        born[i] = random.nextInt(20);
        dies[i] = born[i] + random.nextInt(6);
        arrangement.add(i, bytes[i], born[i], dies[i]);
      }
      Arrangement.Result result = arrangement.place();
      for (int a = 0; a < count; a++) {
        long offset = result.offsets().get(a);
        assertEquals(0, offset % 64);
        assertTrue(offset + bytes[a] <= result.bytes());
        for (int b = 0; b < a; b++) {
          boolean together = born[a] <= dies[b] && born[b] <= dies[a];
          long other = result.offsets().get(b);
          boolean apart = offset + bytes[a] <= other || other + bytes[b] <= offset;
          assertTrue(!together || apart, "round " + round);
        }
      }
    }
  }

  @Test
  void blocksThatFollowOneAnotherShareBytes() {
    Arrangement arrangement = new Arrangement();
    for (int i = 0; i < 10; i++) {
      arrangement.add(i, 640, i, i + 1);
    }
    assertEquals(1280, arrangement.place().bytes());
  }
}
