package dev.burhan.backendvector;

import static dev.burhan.backendvector.OneNode.assertClose;
import static dev.burhan.backendvector.OneNode.oracle;
import static dev.burhan.backendvector.OneNode.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Phase;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Value;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Attention at one vector width, in a JVM of its own (see the module's POM): where a second width
 * is loaded, no vector operation is an instruction, and these tests take minutes.
 */
abstract class AttentionChecks {
  private final int bits;

  AttentionChecks(int bits) {
    this.bits = bits;
  }

  private HostKernels kernels() {
    return vector(bits, true);
  }

  private static final double ROUNDING = 1e-5;
  private static final List<DataType> TYPES =
      List.of(DataType.F32, DataType.F16, DataType.BF16, DataType.Q8_0);

  /** Heads, their size, and what the program is sized for. */
  private record Heads(int heads, int kvHeads, int dim, int window, DataType type, int page) {

    OneNode node(int columns, int context) {
      int pages = columns * Math.ceilDiv(context, page);
      Limits limits =
          new Limits(
              columns,
              columns,
              1,
              context,
              Math.max(pages, 2 * Math.ceilDiv(context, page)),
              page,
              2,
              Map.of("key", type, "value", type));
      return new OneNode(
          (graph, checkpoint) -> {
            graph.layer(0);
            int numbers = kvHeads * dim;
            CacheSpec cache =
                graph.cache(
                    window, new Plane("key", numbers, TYPES), new Plane("value", numbers, TYPES));
            float scale = (float) (1 / Math.sqrt(dim));
            graph.attention(
                "y",
                graph.input("q", heads * dim),
                graph.input("k", numbers),
                graph.input("v", numbers),
                new Op.Attention(cache, heads, kvHeads, dim, scale));
          },
          limits,
          heads * 31L + dim);
    }

    /** Pages in an order of their own. */
    int[] pages(int tokens) {
      int count = Math.ceilDiv(tokens, page);
      return IntStream.range(0, count).map(i -> count - 1 - i).toArray();
    }
  }

  /**
   * What the oracle says, which takes its time over keys and values that the cache does not have
   * yet: so a column at a time.
   */
  private static float[] expected(Heads heads, int tokens) {
    return run(heads, oracle(), tokens, IntStream.rangeClosed(0, tokens).toArray());
  }

  /**
   * Runs the columns in chunks and returns all outputs.
   *
   * @param cuts first column of each chunk, and the end
   */
  private static float[] run(Heads heads, HostKernels kernels, int tokens, int... cuts) {
    OneNode node = heads.node(tokens, tokens);
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
            new TestBatch(heads.page).add(from, Phase.PROMPT, heads.pages(tokens), new int[count]);
        harness.runShuffled(batch, new Random(i));
        System.arraycopy(harness.floats(y, count), 0, result, from * y.width(), count * y.width());
      }
    }
    return result;
  }

  @ParameterizedTest
  @CsvSource({
    "14, 2, 64, 0, F32, 16",
    "9, 3, 64, 0, F32, 4",
    "7, 1, 8, 0, F32, 8",
    "6, 3, 16, 0, F16, 16",
    "4, 4, 20, 0, BF16, 5",
    "2, 1, 128, 0, F32, 64",
    "4, 2, 80, 11, F16, 16",
    "3, 1, 16, 40, F32, 32",
  })
  void equalsTheOracleHoweverThePromptIsCut(
      int heads, int kvHeads, int dim, int window, String type, int page) {
    Heads shape = new Heads(heads, kvHeads, dim, window, DataType.named(type).orElseThrow(), page);
    int tokens = 77;
    float[] expected = expected(shape, tokens);
    float[] whole = run(shape, kernels(), tokens, 0, tokens);
    assertClose(expected, whole, ROUNDING, shape + " " + bits);
    assertArrayEquals(whole, run(shape, kernels(), tokens, 0, 1, 33, 34, 40, tokens));
    int[] single = IntStream.rangeClosed(0, tokens).toArray();
    assertArrayEquals(whole, run(shape, kernels(), tokens, single));
  }

  /** Decoding shares a sequence's spans out to several parts, a prompt's chunk does not. */
  @ParameterizedTest
  @CsvSource({
    "14, 2, 64, 0, F32, 64",
    "9, 3, 64, 0, F16, 64",
    "2, 2, 24, 0, F32, 48",
    "8, 1, 80, 200, BF16, 64",
    "6, 2, 64, 0, Q8_0, 32",
    "4, 4, 96, 150, Q8_0, 64",
    "70, 1, 16, 0, F32, 64",
  })
  void longContextsGiveTheSameBitsWholeAndInShares(
      int heads, int kvHeads, int dim, int window, String type, int page) {
    Heads shape = new Heads(heads, kvHeads, dim, window, DataType.named(type).orElseThrow(), page);
    int tokens = 2 * AttentionKernel.SPAN + 150;
    int[] cuts = {0, 250, 251, 255, tokens - 5, tokens - 4, tokens - 1, tokens};
    float[] expected = expected(shape, tokens);
    float[] whole = run(shape, kernels(), tokens, 0, tokens);
    assertClose(expected, whole, ROUNDING, shape + " " + bits);
    assertArrayEquals(whole, run(shape, kernels(), tokens, cuts));
  }

  /** Shapes, cuts and pages as they come. */
  @Test
  void equalsTheOracleOnAnyShape() {
    for (int seed = bits / 256; seed < 40; seed += 3) { // 0, 1 or 2: each shape at one width
      Random random = new Random(seed);
      int kvHeads = 1 + random.nextInt(4);
      DataType type = TYPES.get(random.nextInt(TYPES.size()));
      int dim = type.isBlocked() ? 32 * (1 + random.nextInt(4)) : 1 + random.nextInt(140);
      Heads shape =
          new Heads(
              kvHeads * (1 + random.nextInt(8)),
              kvHeads,
              dim,
              random.nextInt(3) > 0 ? 0 : 1 + random.nextInt(200),
              type,
              1 + random.nextInt(70));
      int tokens = 1 + random.nextInt(300);
      int[] cuts =
          IntStream.concat(IntStream.of(0, tokens), random.ints(random.nextInt(6), 0, tokens))
              .sorted()
              .distinct()
              .toArray();
      float[] expected = expected(shape, tokens);
      float[] actual = run(shape, kernels(), tokens, cuts);
      assertClose(expected, actual, ROUNDING, shape + " seed " + seed);
    }
  }

  @Test
  void theSizeOfAPageDoesNotChangeABit() {
    Heads small = new Heads(4, 2, 32, 0, DataType.F32, 3);
    Heads large = new Heads(4, 2, 32, 0, DataType.F32, 64);
    assertArrayEquals(run(small, kernels(), 70, 0, 70), run(large, kernels(), 70, 0, 70));
  }

  @Test
  void sequencesOfOneBatchDoNotSeeEachOther() {
    Heads heads = new Heads(4, 2, 16, 0, DataType.F32, 4);
    OneNode node = heads.node(9, 12);
    TestBatch both =
        new TestBatch(4)
            .add(0, Phase.PROMPT, new int[] {3, 1}, 0, 0, 0, 0, 0)
            .add(0, Phase.PROMPT, new int[] {0}, 0, 0, 0, 0);
    assertClose(node.run(oracle(), 9, both), node.run(kernels(), 9, both), ROUNDING, "both");
  }
}
