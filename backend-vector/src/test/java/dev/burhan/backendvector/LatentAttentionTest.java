package dev.burhan.backendvector;

import static dev.burhan.backendvector.OneNode.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Phase;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Both forms of latent attention, over shapes, cuts and pages as they come. */
class LatentAttentionTest {
  private static final double ROUNDING = 2e-5;
  private static final List<DataType> CACHES = List.of(DataType.F32, DataType.F16);
  private static final List<DataType> WEIGHTS =
      List.of(DataType.F32, DataType.BF16, DataType.Q8_0, DataType.Q4_K);

  private static HostKernels oracle(String form) {
    return new OracleProvider().open(Map.of("mla", form));
  }

  private static HostKernels vector(int bits, LatentForm form) {
    return new VectorKernels(Lanes.of(bits), true, true, form);
  }

  private record Heads(
      int heads,
      int nope,
      int rope,
      int value,
      int rank,
      int window,
      DataType cache,
      DataType weight,
      int page,
      long seed) {

    static Heads any(int seed) {
      Random random = new Random(seed);
      DataType weight = WEIGHTS.get(seed % WEIGHTS.size());
      int block = weight.blockElements();
      return new Heads(
          1 + random.nextInt(9),
          1 + random.nextInt(70),
          2 * (1 + random.nextInt(20)),
          1 + random.nextInt(70),
          block * (1 + random.nextInt(block == 1 ? 200 : 2)),
          random.nextInt(3) > 0 ? 0 : 1 + random.nextInt(200),
          CACHES.get(random.nextInt(2)),
          weight,
          1 + random.nextInt(70),
          seed);
    }

    OneNode node(int tokens) {
      int pages = Math.ceilDiv(tokens, page);
      Limits limits =
          new Limits(
              tokens, tokens, 1, tokens, pages, page, 2, Map.of("latent", cache, "rope", cache));
      return new OneNode(this::build, limits, seed);
    }

    private void build(GraphBuilder graph, MemoryCheckpoint checkpoint) {
      graph.layer(0);
      Random random = new Random(seed);
      CacheSpec spec =
          graph.cache(window, new Plane("latent", rank, CACHES), new Plane("rope", rope, CACHES));
      Op.LatentAttention op =
          new Op.LatentAttention(
              spec,
              heads,
              nope,
              rope,
              value,
              RandomWeights.add(
                  checkpoint, "key", weight, Weight.Use.MATRIX, random, heads, nope, rank),
              RandomWeights.add(
                  checkpoint, "value", weight, Weight.Use.MATRIX, random, heads, value, rank),
              (float) (1 / Math.sqrt(nope + rope)));
      graph.latentAttention(
          "y",
          graph.input("q", heads * (nope + rope)),
          graph.input("latent", rank),
          graph.input("rope", rope),
          op);
    }

    int[] pages(int tokens) {
      int count = Math.ceilDiv(tokens, page);
      return IntStream.range(0, count).map(i -> count - 1 - i).toArray();
    }
  }

  /**
   * Runs the columns in chunks and returns all outputs.
   *
   * @param generated first position that is generated
   * @param cuts first column of each chunk, and the end
   */
  private static float[] run(
      Heads heads, HostKernels kernels, int tokens, int generated, int... cuts) {
    OneNode node = heads.node(tokens);
    List<Value> in = node.node().in();
    Value y = node.node().out().getFirst();
    float[] result = new float[tokens * y.width()];
    try (KernelHarness harness = node.harness(kernels)) {
      harness.randomInputs(new Random(1));
      float[][] all = in.stream().map(v -> harness.floats(v, tokens)).toArray(float[][]::new);
      for (int i = 1; i < cuts.length; i++) {
        int from = cuts[i - 1];
        int count = cuts[i] - from;
        for (int v = 0; v < all.length; v++) {
          int width = in.get(v).width();
          harness.set(in.get(v), Arrays.copyOfRange(all[v], from * width, (from + count) * width));
        }
        TestBatch batch =
            new TestBatch(heads.page)
                .add(from, Phase.PROMPT, heads.pages(tokens), new int[count])
                .generatedFrom(generated);
        harness.runShuffled(batch, new Random(i));
        System.arraycopy(harness.floats(y, count), 0, result, from * y.width(), count * y.width());
      }
    }
    return result;
  }

  @Test
  void eachFormEqualsTheOraclesHoweverThePromptIsCut() {
    for (int seed = 0; seed < 24; seed++) {
      Heads shape = Heads.any(seed);
      Random random = new Random(seed);
      int tokens = 1 + random.nextInt(seed % 4 == 0 ? 200 : 60);
      int generated = random.nextInt(tokens + 1);
      int[] cuts =
          IntStream.concat(IntStream.of(0, tokens), random.ints(random.nextInt(6), 0, tokens))
              .sorted()
              .distinct()
              .toArray();
      int bits = OneNode.widths().get(seed % 3);
      float[] expected = run(shape, oracle("auto"), tokens, generated, 0, tokens);
      for (LatentForm form : LatentForm.values()) {
        float[] whole = run(shape, vector(bits, form), tokens, generated, 0, tokens);
        assertClose(expected, whole, ROUNDING, shape + " " + form);
        assertArrayEquals(whole, run(shape, vector(bits, form), tokens, generated, cuts));
      }
    }
  }

  @Test
  void theFilesLayoutGivesTheBitsOfPanels() {
    for (int seed = 0; seed < 8; seed++) {
      Heads shape = Heads.any(seed);
      HostKernels file = new VectorKernels(Lanes.of(512), true, false, LatentForm.AUTO);
      assertArrayEquals(
          run(shape, vector(512, LatentForm.AUTO), 40, 20, 0, 40), run(shape, file, 40, 20, 0, 40));
    }
  }
}
