package dev.burhan.kernel.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StepCostsTest {
  @Test
  void whatIsAlmostSurelyRightIsGuessedWhereColumnsAreCheap() {
    StepCosts costs = new StepCosts();
    costs.record(1, 100);
    costs.record(16, 300);
    assertEquals(15, costs.guesses(0, 0.99, 15));
    assertEquals(4, costs.guesses(0, 0.99, 4));
  }

  @Test
  void nothingIsGuessedThatDoesNotPay() {
    StepCosts costs = new StepCosts();
    costs.record(1, 100);
    costs.record(2, 200);
    costs.record(16, 1600);
    assertEquals(0, costs.guesses(0, 0.99, 15));
    assertEquals(0, costs.guesses(0, 0.1, 15));
    assertEquals(0, costs.guesses(7, 0.5, 15));
  }

  @Test
  void whatWasSlowOnceIsTriedAgain() {
    StepCosts costs = new StepCosts();
    costs.record(1, 100);
    costs.record(4, 5000); // cold code
    int steps = 0;
    while (costs.guesses(0, 0.9, 3) == 0 || costs.cost(4) > 200) {
      if (costs.guesses(0, 0.9, 3) > 0) {
        costs.record(4, 150);
      }
      steps++;
      assertTrue(steps < 5 * StepCosts.TRY);
    }
    assertEquals(3, costs.guesses(0, 0.9, 3));
  }

  @Test
  void costsAreMeasuredAndWhatLiesBetweenIsEstimated() {
    StepCosts costs = new StepCosts();
    costs.record(2, 200);
    costs.record(4, 400);
    assertEquals(300, costs.cost(3), 1e-9);
    assertTrue(costs.cost(8) > 400);
    assertTrue(costs.cost(1) < 200);
    for (int i = 0; i < 100; i++) {
      costs.record(2, 100);
    }
    assertEquals(100, costs.cost(2), 1);
    costs.record(2, 1_000_000); // a collection of garbage
    assertTrue(costs.cost(2) < 125);
  }
}
