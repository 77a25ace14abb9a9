package dev.burhan.backendvector;

import static dev.burhan.backendvector.OneNode.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.burhan.backend.Batch;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A token's outputs are equal to the bit whether its sequence runs alone or with up to eight
 * others, each with a prompt that is cut anywhere and tokens generated one by one or several at
 * once, prompt and generated ones in one step.
 */
class BatchInvarianceTest {
  private static final int SEQUENCES = 9;
  private static final int LONGEST = 18;
  private static final int PAGE = 5;
  private static final List<DataType> CACHES =
      List.of(DataType.F32, DataType.F16, DataType.BF16, DataType.Q8_0);

  /** A sequence: so many tokens, of which the first are the prompt's. */
  private record Story(int number, int prompt, int tokens) {
    int[] pages() {
      int count = Math.ceilDiv(LONGEST, PAGE);
      return IntStream.range(0, count).map(i -> (count - 1 - i) * SEQUENCES + number).toArray();
    }
  }

  /** Which tokens of which sequences a step runs. */
  private record Piece(Story story, int from, int end) {}

  private static Limits limits() {
    int columns = SEQUENCES * LONGEST;
    int pages = SEQUENCES * Math.ceilDiv(LONGEST, PAGE);
    return new Limits(columns, SEQUENCES, columns, LONGEST, pages, PAGE, 2, Map.of());
  }

  private static List<Story> stories(Random random) {
    List<Story> stories = new ArrayList<>();
    for (int number = 0; number < SEQUENCES; number++) {
      int tokens = 2 + random.nextInt(LONGEST - 1);
      stories.add(new Story(number, 1 + random.nextInt(tokens), tokens));
    }
    return stories;
  }

  /** Steps of the stories together, each by chunks of its own, some pausing. */
  private static List<List<Piece>> together(List<Story> stories, Random random) {
    int[] done = new int[SEQUENCES];
    List<List<Piece>> steps = new ArrayList<>();
    while (stories.stream().anyMatch(story -> done[story.number()] < story.tokens())) {
      List<Piece> step = new ArrayList<>();
      for (Story story : stories) {
        int from = done[story.number()];
        if (from < story.tokens() && (step.isEmpty() || random.nextInt(4) > 0)) {
          int most = random.nextInt(3) == 0 ? LONGEST : 1 + random.nextInt(4);
          int end = Math.min(story.tokens(), from + most);
          step.add(new Piece(story, from, end));
          done[story.number()] = end;
        }
      }
      steps.add(step);
    }
    return steps;
  }

  private static List<List<Piece>> alone(Story story) {
    List<List<Piece>> steps = new ArrayList<>();
    steps.add(List.of(new Piece(story, 0, story.prompt())));
    for (int token = story.prompt(); token < story.tokens(); token++) {
      steps.add(List.of(new Piece(story, token, token + 1)));
    }
    return steps;
  }

  /** Tokens after each prompt are generated; logit rows are the columns in reverse. */
  private static Batch batch(List<Piece> pieces) {
    TestBatch batch = new TestBatch(PAGE);
    for (Piece piece : pieces) {
      int count = piece.end() - piece.from();
      batch.add(piece.from(), Phase.PROMPT, piece.story().pages(), new int[count]);
    }
    int columns = batch.columns();
    return batch
        .prompts(pieces.stream().mapToInt(piece -> piece.story().prompt()).toArray())
        .logits(IntStream.range(0, columns).map(row -> columns - 1 - row).toArray());
  }

  /** The node's input rows by story and token, the same in every run. */
  private static float[] row(Value value, Story story, int token) {
    Random random = new Random(value.id() * 31L + story.number() * 1009L + token);
    float[] row = new float[value.width()];
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) random.nextGaussian();
    }
    return row;
  }

  private static int[] choice(Value value, Story story, int token, int experts) {
    return new Random(story.number() * 1009L + token)
        .ints(0, experts)
        .distinct()
        .limit(value.width())
        .toArray();
  }

  /** Runs the steps and returns the output rows of each story, token after token. */
  private static float[][][] run(Case node, int bits, List<List<Piece>> steps, Random random) {
    Value out = node.one().node().out().getLast();
    float[][][] rows = new float[SEQUENCES][LONGEST][];
    try (KernelHarness harness = node.one().harness(vector(bits, true))) {
      for (List<Piece> step : steps) {
        Batch batch = batch(step);
        fill(node, harness, step);
        harness.runShuffled(batch, random);
        float[] all = harness.floats(out, batch.columns());
        for (int column = 0; column < batch.columns(); column++) {
          int row = out.rows() == Value.Rows.LOGIT ? batch.columns() - 1 - column : column;
          int story = step.get(batch.sequence(column)).story().number();
          rows[story][batch.position(column)] =
              Arrays.copyOfRange(all, row * out.width(), (row + 1) * out.width());
        }
      }
    }
    return rows;
  }

  private static void fill(Case node, KernelHarness harness, List<Piece> step) {
    for (Value value : node.one().node().in()) {
      List<float[]> floats = new ArrayList<>();
      List<int[]> ints = new ArrayList<>();
      for (Piece piece : step) {
        for (int token = piece.from(); token < piece.end(); token++) {
          if (value.type().equals(DataType.I32)) {
            ints.add(choice(value, piece.story(), token, Case.EXPERTS));
          } else {
            floats.add(row(value, piece.story(), token));
          }
        }
      }
      if (value.type().equals(DataType.I32)) {
        harness.setInts(value, ints.stream().flatMapToInt(Arrays::stream).toArray());
      } else {
        harness.set(value, concat(floats));
      }
    }
  }

  private static float[] concat(List<float[]> rows) {
    float[] all = new float[rows.stream().mapToInt(row -> row.length).sum()];
    int at = 0;
    for (float[] row : rows) {
      System.arraycopy(row, 0, all, at, row.length);
      at += row.length;
    }
    return all;
  }

  /** A node of some kind and the width of vectors that it is tried with. */
  private record Case(String name, int bits, OneNode one) {
    static final int EXPERTS = 6;

    @Override
    public String toString() {
      return name + " " + bits;
    }
  }

  static Stream<Arguments> nodes() {
    List<Arguments> cases = new ArrayList<>();
    int number = 0;
    for (DataType type : LinearTest.TYPES) {
      add(cases, number++, "linear " + type, (g, c) -> linear(g, c, type, false));
      add(cases, number++, "logits " + type, (g, c) -> linear(g, c, type, true));
    }
    for (DataType type : List.of(DataType.BF16, DataType.Q5_0, DataType.Q4_K, DataType.Q6_K)) {
      add(cases, number++, "experts " + type, (g, c) -> experts(g, c, type));
    }
    for (DataType type : CACHES) {
      add(cases, number++, "attention " + type, (g, c) -> attention(g, type, 0));
      add(cases, number++, "attention in a window " + type, (g, c) -> attention(g, type, 7));
    }
    for (DataType type : List.of(DataType.F32, DataType.Q8_0)) {
      add(cases, number++, "latent attention " + type, (g, c) -> latent(g, c, type));
    }
    add(cases, number++, "router", BatchInvarianceTest::router);
    add(cases, number++, "norm", BatchInvarianceTest::norm);
    return cases.stream();
  }

  private interface Builder {
    void build(GraphBuilder graph, MemoryCheckpoint checkpoint);
  }

  private static void add(List<Arguments> cases, int number, String name, Builder builder) {
    OneNode one = new OneNode(builder::build, limits(), number);
    cases.add(Arguments.of(new Case(name, OneNode.widths().get(number % 3), one)));
  }

  private static int cols(DataType type) {
    return type.blockElements() == 1 ? 150 : type.blockElements() == 32 ? 544 : 768;
  }

  private static Weight matrix(
      MemoryCheckpoint checkpoint, String name, DataType type, Weight.Use use, long... shape) {
    return RandomWeights.add(checkpoint, name, type, use, new Random(name.hashCode()), shape);
  }

  private static void linear(
      GraphBuilder graph, MemoryCheckpoint checkpoint, DataType type, boolean logits) {
    Weight weight = matrix(checkpoint, "w", type, Weight.Use.MATRIX, 37, cols(type));
    Value x = graph.input("x", cols(type));
    if (logits) {
      graph.logits("y", x, weight);
    } else {
      graph.linear("y", x, weight, Optional.empty());
    }
  }

  private static void experts(GraphBuilder graph, MemoryCheckpoint checkpoint, DataType type) {
    int width = Math.max(64, type.blockElements());
    Weight.Use use = Weight.Use.EXPERTS;
    Weight router = matrix(checkpoint, "r", DataType.F32, Weight.Use.MATRIX, Case.EXPERTS, width);
    Value x = graph.input("x", width);
    GraphBuilder.Routed routed =
        graph.route(
            "route",
            x,
            new Op.Route(router, Optional.empty(), 1, 1, 3, Op.Route.Score.SIGMOID, true, 1));
    graph.experts(
        "y",
        x,
        routed,
        new Op.Experts(
            matrix(checkpoint, "gate", type, use, Case.EXPERTS, width, width),
            matrix(checkpoint, "up", type, use, Case.EXPERTS, width, width),
            matrix(checkpoint, "down", type, use, Case.EXPERTS, width, width)));
  }

  private static void attention(GraphBuilder graph, DataType type, int window) {
    graph.layer(0);
    List<DataType> only = List.of(type);
    CacheSpec cache =
        graph.cache(window, new Plane("key", 2 * 64, only), new Plane("value", 2 * 64, only));
    graph.attention(
        "y",
        graph.input("q", 6 * 64),
        graph.input("k", 2 * 64),
        graph.input("v", 2 * 64),
        new Op.Attention(cache, 6, 2, 64, 0.125f));
  }

  private static void latent(GraphBuilder graph, MemoryCheckpoint checkpoint, DataType type) {
    graph.layer(0);
    List<DataType> only = List.of(DataType.F32);
    CacheSpec cache = graph.cache(0, new Plane("latent", 64, only), new Plane("rope", 16, only));
    graph.latentAttention(
        "y",
        graph.input("q", 3 * (40 + 16)),
        graph.input("latent", 64),
        graph.input("rope", 16),
        new Op.LatentAttention(
            cache,
            3,
            40,
            16,
            24,
            matrix(checkpoint, "key", type, Weight.Use.MATRIX, 3, 40, 64),
            matrix(checkpoint, "value", type, Weight.Use.MATRIX, 3, 24, 64),
            0.13f));
  }

  /** Its last output is the weights of what it chose. */
  private static void router(GraphBuilder graph, MemoryCheckpoint checkpoint) {
    Weight gate = matrix(checkpoint, "gate", DataType.F32, Weight.Use.MATRIX, 24, 100);
    graph.route(
        "r",
        graph.input("x", 100),
        new Op.Route(gate, Optional.empty(), 4, 2, 5, Op.Route.Score.SIGMOID, true, 2.5f));
  }

  private static void norm(GraphBuilder graph, MemoryCheckpoint checkpoint) {
    Weight gain = matrix(checkpoint, "gain", DataType.F32, Weight.Use.VECTOR, 100);
    graph.rmsNorm("y", graph.input("x", 100), gain, 1e-6f);
  }

  @ParameterizedTest
  @MethodSource("nodes")
  void aTokenHasItsBitsInEveryCompany(Case node) {
    Random random = new Random(node.one().seed());
    List<Story> stories = stories(random);
    float[][][] wanted = new float[SEQUENCES][][];
    for (Story story : stories) {
      wanted[story.number()] = run(node, node.bits(), alone(story), random)[story.number()];
    }
    for (int company : new int[] {1, 2 + random.nextInt(7), SEQUENCES}) {
      List<Story> some = stories.subList(0, company);
      float[][][] found = run(node, node.bits(), together(some, random), random);
      for (Story story : some) {
        for (int token = 0; token < story.tokens(); token++) {
          assertArrayEquals(
              wanted[story.number()][token],
              found[story.number()][token],
              story + ", token " + token + ", sequences " + company);
        }
      }
    }
  }
}
