package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.testing.KernelHarness.limits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Phase;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionTest {
  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;
  private static final int DIM = 6;
  private static final float SCALE = 0.4f;
  private static final List<DataType> TYPES = List.of(DataType.F32, DataType.F16);

  private final GraphBuilder graph = new GraphBuilder();

  private static HostKernels oracle(String mla) {
    return new OracleProvider().open(Map.of("mla", mla));
  }

  private static Limits with(Limits limits, String type, String... planes) {
    Map<String, DataType> types = new java.util.HashMap<>();
    for (String plane : planes) {
      types.put(plane, DataType.named(type).orElseThrow());
    }
    return new Limits(
        limits.columns(),
        limits.sequences(),
        limits.logitRows(),
        limits.context(),
        limits.pages(),
        limits.tokensPerPage(),
        limits.threads(),
        types);
  }

  /** Dense softmax attention of the last token over all given ones. */
  private static double[] dense(float[] query, float[][] keys, float[][] values, int head) {
    int kv = head / (HEADS / KV_HEADS) * DIM;
    double[] scores = new double[keys.length];
    for (int t = 0; t < keys.length; t++) {
      for (int i = 0; i < DIM; i++) {
        scores[t] += SCALE * query[head * DIM + i] * keys[t][kv + i];
      }
    }
    double max = Arrays.stream(scores).max().orElseThrow();
    double sum = Arrays.stream(scores).map(s -> Math.exp(s - max)).sum();
    double[] out = new double[DIM];
    for (int t = 0; t < keys.length; t++) {
      for (int i = 0; i < DIM; i++) {
        out[i] += Math.exp(scores[t] - max) / sum * values[t][kv + i];
      }
    }
    return out;
  }

  private static float[][] random(Random random, int rows, int width) {
    float[][] numbers = new float[rows][width];
    for (float[] row : numbers) {
      for (int i = 0; i < width; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return numbers;
  }

  /** As a cache of that type keeps them. */
  private static float[][] kept(float[][] numbers, String type) {
    float[][] kept = new float[numbers.length][];
    for (int row = 0; row < kept.length; row++) {
      kept[row] = numbers[row].clone();
      for (int i = 0; i < kept[row].length && type.equals("F16"); i++) {
        kept[row][i] = Float.float16ToFloat(Float.floatToFloat16(kept[row][i]));
      }
    }
    return kept;
  }

  private static float[] flat(float[][] rows, int from, int to) {
    float[] all = new float[(to - from) * rows[0].length];
    for (int row = from; row < to; row++) {
      System.arraycopy(rows[row], 0, all, (row - from) * rows[0].length, rows[0].length);
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({"F32, 0", "F16, 0", "F32, 3", "F16, 5"})
  void equalsDenseSoftmaxHoweverThePromptIsCut(String type, int window) {
    graph.layer(0);
    CacheSpec cache =
        graph.cache(
            window,
            new Plane("key", KV_HEADS * DIM, TYPES),
            new Plane("value", KV_HEADS * DIM, TYPES));
    Value query = graph.input("q", HEADS * DIM);
    Value key = graph.input("k", KV_HEADS * DIM);
    Value value = graph.input("v", KV_HEADS * DIM);
    Value out =
        graph.attention(
            "y", query, key, value, new Op.Attention(cache, HEADS, KV_HEADS, DIM, SCALE));

    Random random = new Random(3);
    int tokens = 11;
    float[][] q = random(random, tokens, HEADS * DIM);
    float[][] k = random(random, tokens, KV_HEADS * DIM);
    float[][] v = random(random, tokens, KV_HEADS * DIM);
    int[] pages = {5, 2, 7}; // 4 tokens each

    float[] whole = null;
    for (int[] cuts :
        new int[][] {{0, 11}, {0, 3, 4, 9, 11}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}) {
      float[] got = new float[0];
      try (KernelHarness harness =
          new KernelHarness(
              oracle("auto"),
              graph.nodes().getLast(),
              with(limits(tokens, 12, 4, 2), type, "key", "value"),
              new MemoryCheckpoint("test"))) {
        for (int i = 1; i < cuts.length; i++) {
          int from = cuts[i - 1];
          int to = cuts[i];
          harness.set(query, flat(q, from, to));
          harness.set(key, flat(k, from, to));
          harness.set(value, flat(v, from, to));
          TestBatch batch = new TestBatch(4).add(from, Phase.PROMPT, pages, new int[to - from]);
          harness.runShuffled(batch, random);
          float[] rows = harness.floats(out, to - from);
          got = Arrays.copyOf(got, got.length + rows.length);
          System.arraycopy(rows, 0, got, got.length - rows.length, rows.length);
        }
      }
      for (int t = 0; t < tokens; t++) {
        int first = window == 0 ? 0 : Math.max(0, t - window + 1);
        for (int head = 0; head < HEADS; head++) {
          double[] expected =
              dense(
                  q[t],
                  Arrays.copyOfRange(kept(k, type), first, t + 1),
                  Arrays.copyOfRange(kept(v, type), first, t + 1),
                  head);
          for (int i = 0; i < DIM; i++) {
            assertEquals(expected[i], got[(t * HEADS + head) * DIM + i], 1e-6);
          }
        }
      }
      whole = whole == null ? got : whole;
      assertArrayEquals(whole, got); // to the bit
    }
  }

  @Test
  void sequencesOfABatchDoNotSeeEachOther() {
    graph.layer(0);
    CacheSpec cache = graph.cache(0, new Plane("key", DIM, TYPES), new Plane("value", DIM, TYPES));
    Value query = graph.input("q", DIM);
    Value key = graph.input("k", DIM);
    Value value = graph.input("v", DIM);
    Value out = graph.attention("y", query, key, value, new Op.Attention(cache, 1, 1, DIM, SCALE));
    Random random = new Random(4);
    TestBatch both =
        new TestBatch(4)
            .add(0, Phase.PROMPT, new int[] {2, 0}, 1, 2, 3, 4, 5)
            .add(0, Phase.PROMPT, new int[] {1}, 6, 7);
    TestBatch second = new TestBatch(4).add(0, Phase.PROMPT, new int[] {1}, 6, 7);
    try (KernelHarness harness =
        new KernelHarness(
            oracle("auto"),
            graph.nodes().getLast(),
            limits(7, 8, 4, 2),
            new MemoryCheckpoint("test"))) {
      harness.randomInputs(random).runShuffled(both, random);
      float[] together = Arrays.copyOfRange(harness.floats(out, 7), 5 * DIM, 7 * DIM);
      for (Value in : List.of(query, key, value)) {
        MemorySegment.copy(harness.value(in), 5 * DIM * 4, harness.value(in), 0, 2 * DIM * 4);
      }
      assertArrayEquals(harness.run(second).floats(out, 2), together);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16"})
  void absorbedAndExpandedLatentAttentionAreEqual(String type) {
    int heads = 3;
    int nope = 5;
    int rope = 4;
    int rank = 7;
    int valueDim = 6;
    graph.layer(0);
    CacheSpec cache =
        graph.cache(0, new Plane("latent", rank, TYPES), new Plane("rope", rope, TYPES));
    Random random = new Random(8);
    MemoryCheckpoint checkpoint = new MemoryCheckpoint("test");
    Weight keyUp = experts(checkpoint, "k", random, heads, nope, rank);
    Weight valueUp = experts(checkpoint, "v", random, heads, valueDim, rank);
    Value query = graph.input("q", heads * (nope + rope));
    Value latent = graph.input("c", rank);
    Value ropePart = graph.input("r", rope);
    Value out =
        graph.latentAttention(
            "y",
            query,
            latent,
            ropePart,
            new Op.LatentAttention(cache, heads, nope, rope, valueDim, keyUp, valueUp, 0.3f));
    int tokens = 9;
    Map<String, float[]> results = new java.util.HashMap<>();
    for (String form : List.of("expanded", "absorbed", "auto")) {
      MemoryCheckpoint own = new MemoryCheckpoint("test");
      own.tensor("k", DataType.F32, keyUp.shape(), checkpoint.data("k"));
      own.tensor("v", DataType.F32, valueUp.shape(), checkpoint.data("v"));
      try (KernelHarness harness =
          new KernelHarness(
              oracle(form),
              graph.nodes().getLast(),
              with(limits(tokens, 12, 4, 2), type, "latent", "rope"),
              own)) {
        harness.randomInputs(new Random(9));
        TestBatch prompt = new TestBatch(4).add(0, Phase.PROMPT, new int[] {4, 1, 3}, new int[9]);
        results.put(form, harness.runShuffled(prompt, random).floats(out, tokens));
        TestBatch generated =
            new TestBatch(4).add(0, Phase.GENERATED, new int[] {4, 1, 3}, new int[9]);
        results.put(form + " generated", harness.run(generated).floats(out, tokens));
      }
    }
    assertArrayEquals(results.get("expanded"), results.get("absorbed"), 2e-6f);
    assertArrayEquals(results.get("expanded"), results.get("expanded generated"));
    assertArrayEquals(results.get("expanded"), results.get("auto"));
    assertArrayEquals(results.get("absorbed"), results.get("auto generated"));
    if (type.equals("F32")) {
      float[] first = results.get("expanded"); // the first token sees itself only: valueUp latent
      float[] c = inputs(query, latent, new Random(9), tokens);
      float[] v = checkpoint.data("v").toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT);
      double expected = 0;
      for (int r = 0; r < rank; r++) {
        expected += v[r] * c[r];
      }
      assertEquals(expected, first[0], 1e-6);
    }
  }

  /** The latents that randomInputs filled in, after the query. */
  private static float[] inputs(Value query, Value latent, Random random, int tokens) {
    for (int i = 0; i < tokens * query.width(); i++) {
      random.nextGaussian();
    }
    float[] numbers = new float[latent.width()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private static Weight experts(
      MemoryCheckpoint checkpoint, String name, Random random, long... dims) {
    return RandomWeights.add(checkpoint, name, DataType.F32, Weight.Use.MATRIX, random, dims);
  }
}
