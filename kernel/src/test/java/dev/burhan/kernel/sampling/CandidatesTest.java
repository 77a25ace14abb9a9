package dev.burhan.kernel.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.engine.SamplingParameters;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is chosen is what the definition says, whatever is spared on the way. */
class CandidatesTest {
  private static final SamplingParameters DRAW = SamplingParameters.greedy().withTemperature(1);

  /** Every token weighed, sorted and cut, step by step. */
  private static int byDefinition(float[] logits, SamplingParameters parameters, double uniform) {
    float max = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - max) / parameters.temperature());
      sum += weights[i];
    }
    List<Integer> kept = IntStream.range(0, logits.length).boxed().toList();
    boolean topK = parameters.topK() > 0 && parameters.topK() < logits.length;
    if (topK || parameters.topP() < 1) {
      kept = kept.stream().sorted((a, b) -> Float.compare(logits[b], logits[a])).toList();
    }
    if (topK) {
      kept = kept.subList(0, parameters.topK());
      sum = sum(kept, weights);
    }
    if (parameters.topP() < 1) {
      double reached = 0;
      int count = 0;
      while (count < kept.size() && (count == 0 || reached < parameters.topP() * sum)) {
        reached += weights[kept.get(count++)];
      }
      kept = kept.subList(0, count);
    }
    kept = kept.stream().filter(token -> weights[token] >= parameters.minP()).toList();
    double left = uniform * sum(kept, weights);
    for (int token : kept) {
      left -= weights[token];
      if (left < 0) {
        return token;
      }
    }
    return kept.getLast();
  }

  private static double sum(List<Integer> tokens, double[] weights) {
    double sum = 0;
    for (int token : tokens) {
      sum += weights[token];
    }
    return sum;
  }

  private static SamplingParameters parameters(Random random, int vocabulary) {
    SamplingParameters parameters =
        DRAW.withTemperature(random.nextInt(8) == 0 ? 1e-4 : 0.05 + 2 * random.nextDouble());
    int kinds = random.nextInt(8);
    parameters = (kinds & 1) != 0 ? parameters.withTopP(random.nextDouble()) : parameters;
    parameters = (kinds & 2) != 0 ? parameters.withMinP(random.nextDouble() * 0.2) : parameters;
    return (kinds & 4) != 0 && random.nextBoolean()
        ? parameters.withTopK(random.nextInt(Math.min(vocabulary, 600)))
        : parameters;
  }

  /** Peaked, flat and tied ones. */
  private static float[] logits(Random random, int vocabulary) {
    float spread = new float[] {0.1f, 1, 3, 8}[random.nextInt(4)];
    boolean tied = random.nextInt(4) == 0;
    float[] logits = new float[vocabulary];
    for (int i = 0; i < vocabulary; i++) {
      float logit = (float) random.nextGaussian() * spread;
      logits[i] = tied ? Math.round(logit) : logit;
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      logits[random.nextInt(vocabulary)] = spread * (3 + 4 * random.nextFloat());
    }
    if (random.nextInt(6) == 0) {
      Arrays.fill(logits, vocabulary / 3, vocabulary / 2, Float.NEGATIVE_INFINITY);
    }
    return logits;
  }

  private static void check(int seed, int vocabulary, int draws, Candidates candidates) {
    Random random = new Random(seed);
    float[] logits = logits(random, vocabulary);
    SamplingParameters parameters = parameters(random, vocabulary);
    for (int draw = 0; draw < draws; draw++) {
      double uniform = draw == 0 ? 0 : random.nextDouble();
      assertEquals(
          byDefinition(logits, parameters, uniform),
          candidates.choose(logits, parameters, uniform),
          "seed " + seed + " " + parameters + " at " + uniform);
    }
  }

  @Test
  void smallVocabularies() {
    Candidates candidates = new Candidates();
    for (int seed = 0; seed < 3000; seed++) {
      check(seed, 1 + new Random(seed).nextInt(seed % 3 == 0 ? 8 : 3000), 4, candidates);
    }
  }

  @Test
  void largeVocabularies() {
    Candidates candidates = new Candidates();
    for (int seed = 0; seed < 60; seed++) {
      check(-seed, 100_000 + 51_936 * (seed % 2), 2, candidates);
    }
  }

  @Test
  void theRecommendedParametersOnEveryShapeOfDistribution() {
    Candidates candidates = new Candidates();
    SamplingParameters parameters = SamplingParameters.reasoning(1);
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      float[] logits = logits(random, 20_000);
      for (int draw = 0; draw < 3; draw++) {
        double uniform = random.nextDouble();
        assertEquals(
            byDefinition(logits, parameters, uniform),
            candidates.choose(logits, parameters, uniform),
            "seed " + seed);
      }
    }
  }

  @Test
  void theNucleusIsFoundWhereItsEdgeIsAsCloseAsItGets() {
    float[] logits = new float[50_000];
    Arrays.fill(logits, -30);
    Arrays.fill(logits, 100, 200, 1);
    Candidates candidates = new Candidates();
    for (int k = 1; k <= 100; k++) {
      for (double off : new double[] {-1e-9, 0, 1e-9}) {
        SamplingParameters parameters = DRAW.withTopP(Math.clamp(k / 100.0 + off, 0, 1));
        double last = 1 - 0x1p-53;
        assertEquals(
            byDefinition(logits, parameters, last), candidates.choose(logits, parameters, last));
      }
    }
  }

  @Test
  void notANumberChoosesAsTheDefinitionOfTheLikeliestDoes() {
    float[] logits = {0, Float.NaN, 3, 1};
    Peaks peaks = new Peaks();
    peaks.read(logits);
    assertEquals(Sampler.argmax(logits), peaks.argmax(logits));
  }

  @Test
  void theLowestOfTheGreatestIsFound() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      float[] numbers = new float[1 + random.nextInt(5000)];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = random.nextInt(50) - 60;
      }
      Peaks peaks = new Peaks();
      peaks.read(numbers);
      assertEquals(Sampler.argmax(numbers), peaks.argmax(numbers));
    }
  }

  @Test
  void theLogarithmOfTheSumIsCloseToTheExactOne() {
    Candidates candidates = new Candidates();
    for (int seed = 0; seed < 300; seed++) {
      float[] logits = logits(new Random(seed), 1 + new Random(seed).nextInt(30_000));
      float max = logits[Sampler.argmax(logits)];
      assertEquals(Sampler.logSumExp(logits), candidates.logSum(logits, max), 6e-5, "seed " + seed);
    }
  }
}
