package dev.burhan.kernel.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.SamplingParameters;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final SamplingParameters DRAW = SamplingParameters.greedy().withTemperature(1);

  private static float[] randomLogits(long seed, int vocabulary) {
    Random random = new Random(seed);
    float[] logits = new float[vocabulary];
    for (int i = 0; i < vocabulary; i++) {
      logits[i] = (float) (random.nextGaussian() * 3);
    }
    return logits;
  }

  private static Sampler sampler(SamplingParameters parameters, int vocabulary) {
    return new Sampler(parameters, vocabulary, List.of());
  }

  private static Set<Integer> drawn(SamplingParameters parameters, float[] logits, int draws) {
    Set<Integer> tokens = new HashSet<>();
    for (int position = 0; position < draws; position++) {
      tokens.add(sampler(parameters, logits.length).next(logits.clone(), position).id());
    }
    return tokens;
  }

  /** Softmax by definition. */
  private static double[] softmax(float[] logits, double temperature) {
    double[] p = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(logits[i] / temperature);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return p;
  }

  @Test
  void temperatureZeroTakesTheLikeliestAndTheLowestOfEquals() {
    assertEquals(
        2, sampler(SamplingParameters.greedy(), 5).next(new float[] {1, 0, 7, 7, -1}, 9).id());
  }

  @Test
  void drawsFollowTheDistribution() {
    float[] logits = {0, 1, 2, -1, 0.5f};
    double temperature = 0.7;
    int draws = 40_000;
    int[] counts = new int[logits.length];
    for (int position = 0; position < draws; position++) {
      counts[
          sampler(DRAW.withTemperature(temperature).withSeed(5), 5)
              .next(logits.clone(), position)
              .id()]++;
    }
    double[] expected = softmax(logits, temperature);
    double chiSquared = 0;
    for (int i = 0; i < counts.length; i++) {
      double wanted = expected[i] * draws;
      chiSquared += (counts[i] - wanted) * (counts[i] - wanted) / wanted;
    }
    assertTrue(
        chiSquared < 18.47, "chi-squared with 4 degrees of freedom, alpha 0.001: " + chiSquared);
  }

  @Test
  void oneSeedAndPositionGiveOneToken() {
    float[] logits = randomLogits(1, 500);
    SamplingParameters parameters = DRAW.withSeed(42);
    assertEquals(
        sampler(parameters, 500).next(logits.clone(), 17).id(),
        sampler(parameters, 500).next(logits.clone(), 17).id());
    assertNotEquals(1, drawn(parameters, logits, 50).size());
  }

  @Test
  void topKDrawsFromTheKLikeliestOnly() {
    float[] logits = {0, 3, 1, 2.5f, -4, 2};
    assertEquals(Set.of(1, 3, 5), drawn(DRAW.withTopK(3).withTemperature(5), logits, 2000));
  }

  @Test
  void topPKeepsTheSmallestNucleus() {
    for (int round = 0; round < 40; round++) {
      float[] logits = randomLogits(round, 300);
      double p = 0.05 + 0.9 * new Random(round).nextDouble();
      Set<Integer> nucleus = nucleus(softmax(logits, 1), p);
      Set<Integer> drawn = drawn(DRAW.withTopP(p), logits, 200);
      assertTrue(nucleus.containsAll(drawn), "round " + round);
      Candidates candidates = new Candidates();
      Set<Integer> kept = new HashSet<>();
      for (double u = 0; u < 1; u += 0.0001) {
        kept.add(candidates.choose(logits, DRAW.withTopP(p), u));
      }
      assertTrue(nucleus.containsAll(kept), "round " + round);
      assertTrue(kept.contains(Sampler.argmax(logits)));
    }
  }

  /** The nucleus by its definition. */
  private static Set<Integer> nucleus(double[] probabilities, double p) {
    Integer[] order = new Integer[probabilities.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(probabilities[b], probabilities[a]));
    Set<Integer> kept = new HashSet<>();
    double sum = 0;
    for (int token : order) {
      kept.add(token);
      sum += probabilities[token];
      if (sum >= p) {
        break;
      }
    }
    return kept;
  }

  @Test
  void minPLeavesOutWhatIsMuchLessLikely() {
    float[] logits = {0, 1, 2, 3};
    assertEquals(Set.of(2, 3), drawn(DRAW.withMinP(0.3), logits, 2000)); // e^-1 = 0.37, e^-2 = 0.14
  }

  @Test
  void cutsFollowOneAnother() {
    float[] logits = {5, 4, 3, 2, 1, 0};
    Set<Integer> kept = drawn(DRAW.withTopK(4).withTopP(0.8).withTemperature(2), logits, 4000);
    assertEquals(Set.of(0, 1, 2), kept); // of the four kept: 0.46, 0.28, 0.17, 0.10
  }

  @Test
  void repetitionPenaltyCountsThePrompt() {
    SamplingParameters parameters = SamplingParameters.greedy().withPenalties(2, 0, 0);
    Sampler sampler = new Sampler(parameters, 3, List.of(0));
    assertEquals(1, sampler.next(new float[] {3, 2, -1}, 1).id()); // 3 / 2 < 2
    Sampler negative = new Sampler(parameters, 3, List.of(0));
    assertEquals(1, negative.next(new float[] {-1, -1.5f, -9}, 1).id()); // -1 * 2 < -1.5
  }

  @Test
  void presenceAndFrequencyPenaltiesCountTheAnswerOnly() {
    Sampler sampler =
        new Sampler(SamplingParameters.greedy().withPenalties(1, 0.6, 0.5), 2, List.of(0));
    assertEquals(0, sampler.next(new float[] {2, 1}, 1).id());
    assertEquals(1, sampler.next(new float[] {2, 1}, 2).id()); // 2 - 0.6 - 0.5 < 1
  }

  @Test
  void logitBiasForcesAndForbidsTokens() {
    float[] logits = {1, 2, 3};
    assertEquals(
        0,
        sampler(SamplingParameters.greedy().withLogitBias(Map.of(0, 100.0)), 3)
            .next(logits.clone(), 0)
            .id());
    assertEquals(Set.of(0, 1), drawn(DRAW.withLogitBias(Map.of(2, -1000.0)), logits, 500));
  }

  @Test
  void logprobsAreOfTheModelsOwnDistribution() {
    float[] logits = {1, 2, 3, 2};
    double[] expected = softmax(logits, 1);
    GeneratedToken token =
        sampler(SamplingParameters.greedy().withLogitBias(Map.of(0, 50.0)).withLogprobs(3), 4)
            .next(logits.clone(), 0);
    assertEquals(0, token.id());
    assertEquals(Math.log(expected[0]), token.logprob(), 1e-6);
    assertEquals(List.of(2, 1, 3), token.alternatives().stream().map(a -> a.id()).toList());
    assertEquals(Math.log(expected[2]), token.alternatives().getFirst().logprob(), 1e-6);
  }

  @Test
  void bestFindsTheLargestInOrder() {
    for (int round = 0; round < 50; round++) {
      float[] logits = randomLogits(round, 100);
      TreeMap<Float, Integer> byLogit = new TreeMap<>(java.util.Comparator.reverseOrder());
      for (int i = 0; i < logits.length; i++) {
        byLogit.put(logits[i], i);
      }
      int n = 1 + round % 10;
      assertEquals(
          byLogit.values().stream().limit(n).toList(),
          Arrays.stream(Candidates.best(logits, n)).boxed().toList());
    }
  }

  @Test
  void uniformNumbersAreSpreadEvenlyOverPositionsAndSeeds() {
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      counts.merge((int) (Sampler.uniform(i % 100, i / 100) * 10), 1, Integer::sum);
    }
    counts.values().forEach(count -> assertEquals(2000, count, 200));
  }
}
