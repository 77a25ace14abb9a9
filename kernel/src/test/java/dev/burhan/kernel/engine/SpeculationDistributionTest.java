package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Speculation;
import dev.burhan.kernel.sampling.Sampler;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is drawn with guesses has the distribution of the model's logits, by Pearson's test. */
class SpeculationDistributionTest {
  private static final int VOCABULARY = 8;
  private static final int DRAWS = 24_000;
  private static final double TEMPERATURE = 1.3;
  private static final int[] PROMPT = {5, 2};

  /** Quantile of the standard normal distribution for alpha 0.001, one-sided. */
  private static final double Z = 3.0902;

  /** Cells that expect fewer draws are counted together. */
  private static final double LEAST_EXPECTED = 5;

  @TempDir Path folder;

  @Test
  void tokensThatWereGuessedOrFollowGuessesAreDrawnFromTheModelsDistribution() throws Exception {
    Path file = Files.createFile(folder.resolve("scripted.model"));
    ScriptedModel script =
        new ScriptedModel(file, "abcdefg.".split("")).drafting(token -> token % 2 == 0);
    LoadRequest request =
        new LoadRequest(file.toString(), Optional.of("oracle"), 1, 0, Map.of())
            .withSpeculation(Optional.of(Speculation.mtp(2)));
    try (LoadedModel model = script.host().engine().load(request, Progress.NONE)) {
      int[] counts = new int[VOCABULARY * VOCABULARY * VOCABULARY];
      Guesses guesses = draw(model, counts);
      assertTrue(
          guesses.accepted > DRAWS / 5 && guesses.drafted - guesses.accepted > DRAWS / 5,
          "there should be many right and wrong ones: " + guesses);
      double[] expected = expected(model);
      double chiSquared = 0;
      int cells = 0;
      double restExpected = 0;
      int rest = 0;
      for (int cell = 0; cell < counts.length; cell++) {
        double wanted = expected[cell] * DRAWS;
        if (wanted < LEAST_EXPECTED) {
          restExpected += wanted;
          rest += counts[cell];
        } else {
          chiSquared += (counts[cell] - wanted) * (counts[cell] - wanted) / wanted;
          cells++;
        }
      }
      if (restExpected > 0) {
        chiSquared += (rest - restExpected) * (rest - restExpected) / restExpected;
        cells++;
      }
      int degrees = cells - 1;
      double limit = critical(degrees);
      System.out.printf(
          "chi-squared %.1f of %d degrees of freedom, limit %.1f; %d draws, %d of %d guesses accepted%n",
          chiSquared, degrees, limit, DRAWS, guesses.accepted, guesses.drafted);
      assertTrue(cells > 100 && chiSquared < limit, chiSquared + " is not below " + limit);
    }
  }

  private record Guesses(int drafted, int accepted) {}

  /** Counts the triples that follow the first token. */
  private static Guesses draw(LoadedModel model, int[] counts) throws InterruptedException {
    SamplingParameters sampling = SamplingParameters.greedy().withTemperature(TEMPERATURE);
    Deque<Generation> running = new ArrayDeque<>();
    int drafted = 0;
    int accepted = 0;
    for (int seed = 0; seed < DRAWS || !running.isEmpty(); seed++) {
      if (seed < DRAWS) {
        running.add(
            model.generate(
                new GenerationRequest(
                    Arrays.stream(PROMPT).boxed().toList(),
                    4,
                    sampling.withSeed(seed),
                    List.of(),
                    true,
                    Map.of())));
      }
      if (running.size() > 100 || seed >= DRAWS) {
        Spoken.Counted told = Spoken.listen(running.remove());
        List<Integer> ids = told.spoken().ids();
        counts[(ids.get(1) * VOCABULARY + ids.get(2)) * VOCABULARY + ids.get(3)]++;
        drafted += told.usage().drafted();
        accepted += told.usage().accepted();
      }
    }
    return new Guesses(drafted, accepted);
  }

  /** The probability of each triple, summed over the first token. */
  private static double[] expected(LoadedModel model) throws InterruptedException {
    double[] expected = new double[VOCABULARY * VOCABULARY * VOCABULARY];
    double[] first = after(model);
    for (int a = 0; a < VOCABULARY; a++) {
      double[] second = after(model, a);
      for (int b = 0; b < VOCABULARY; b++) {
        double[] third = after(model, a, b);
        for (int c = 0; c < VOCABULARY; c++) {
          double[] fourth = after(model, a, b, c);
          for (int d = 0; d < VOCABULARY; d++) {
            expected[(b * VOCABULARY + c) * VOCABULARY + d] +=
                first[a] * second[b] * third[c] * fourth[d];
          }
        }
      }
    }
    return expected;
  }

  private static double[] after(LoadedModel model, int... generated) throws InterruptedException {
    int[] tokens = Arrays.copyOf(PROMPT, PROMPT.length + generated.length);
    System.arraycopy(generated, 0, tokens, PROMPT.length, generated.length);
    double[] probabilities = new double[VOCABULARY];
    model.score(
        tokens,
        PROMPT.length,
        (position, logits) -> {
          float[] scaled = new float[VOCABULARY];
          for (int token = 0; token < VOCABULARY; token++) {
            scaled[token] = (float) (logits[token] / TEMPERATURE);
          }
          double sum = Sampler.logSumExp(scaled);
          for (int token = 0; token < VOCABULARY; token++) {
            probabilities[token] = Math.exp(scaled[token] - sum);
          }
        });
    return probabilities;
  }

  /** Wilson and Hilferty's approximation of the chi-squared distribution's quantile. */
  private static double critical(int degrees) {
    double ninth = 2.0 / (9 * degrees);
    return degrees * Math.pow(1 - ninth + Z * Math.sqrt(ninth), 3);
  }
}
