package dev.burhan.backendtck;

import dev.burhan.backend.Limits;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.tensor.DataType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/**
 * A small graph with random weights, and the sequences that run through it. Weights, tokens and
 * input rows follow from seeds, the story and the token's place alone, so that every run of a trial
 * sees the same numbers, whoever runs it and in whatever company.
 *
 * @param name what is tried, for people
 * @param build writes the graph and puts its weights into the checkpoint; equal every time
 * @param planes in which types caches are kept
 * @param stories the sequences
 * @param page tokens a page
 * @param rows the rows of the graph's inputs
 * @param scale what a difference is compared with
 */
record Trial(
    String name,
    Build build,
    Map<String, DataType> planes,
    List<Story> stories,
    int page,
    Rows rows,
    Scale scale) {

  /** Writes the graph. */
  @FunctionalInterface
  interface Build {
    void build(GraphBuilder graph, MemoryCheckpoint checkpoint);
  }

  /** The numbers of an input of the graph for one token. */
  @FunctionalInterface
  interface Rows {
    float[] row(Value input, Story story, int token);
  }

  /** What an output's differences are measured by. */
  sealed interface Scale {
    /** The largest number of all that was expected. */
    record Largest() implements Scale {}

    /** The largest number of the row. */
    record LargestOfRow() implements Scale {}

    /**
     * For a matrix product: for each number the sum of its terms' sizes, which is what its rounding
     * is measured by however much of the terms cancels out.
     *
     * @param exact by a row of the input
     * @param eightBits the same where the input is rounded to 8 bits, in runs of 32
     */
    record Terms(Function<float[], float[]> exact, Function<float[], float[]> eightBits)
        implements Scale {}
  }

  /** A trial without caches whose differences are measured by the row. */
  Trial(String name, Build build, List<Story> stories) {
    this(name, build, Map.of(), stories, 4, Trial::mixed, new Scale.LargestOfRow());
  }

  Trial with(Scale other) {
    return new Trial(name, build, planes, stories, page, rows, other);
  }

  Trial with(Rows other) {
    return new Trial(name, build, planes, stories, page, other, scale);
  }

  Trial with(List<Story> others) {
    return new Trial(name, build, planes, others, page, rows, scale);
  }

  /** The graph, built with the weights that it names. */
  record Built(Graph graph, MemoryCheckpoint checkpoint) {}

  Built built() {
    GraphBuilder builder = new GraphBuilder();
    MemoryCheckpoint checkpoint = new MemoryCheckpoint("tck");
    build.build(builder, checkpoint);
    return new Built(builder.build(), checkpoint);
  }

  /** The graph alone. */
  Graph graph() {
    Built built = built();
    built.checkpoint().close();
    return built.graph();
  }

  int longest() {
    return stories.stream().mapToInt(Story::tokens).max().orElseThrow();
  }

  int tokens() {
    return stories.stream().mapToInt(Story::tokens).sum();
  }

  private int count() {
    return 1 + stories.stream().mapToInt(Story::number).max().orElseThrow();
  }

  Limits limits(int threads) {
    int pages = Math.ceilDiv(longest(), page) * count();
    return new Limits(tokens(), stories.size(), tokens(), longest(), pages, page, threads, planes);
  }

  /** The pages of a story, in falling order and no neighbours. */
  int[] pages(Story story) {
    int count = Math.ceilDiv(longest(), page);
    int[] pages = new int[count];
    for (int i = 0; i < count; i++) {
      pages[i] = (count - 1 - i) * count() + story.number();
    }
    return pages;
  }

  /** A token id. */
  static int token(Story story, int token, int vocabulary) {
    return new Random(story.number() * 7919L + token).nextInt(vocabulary);
  }

  /** Normal numbers. */
  static float[] normal(Value input, Story story, int token) {
    Random random = new Random(input.id() * 31L + story.number() * 1009L + token * 31337L);
    float[] row = new float[input.width()];
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) random.nextGaussian();
    }
    return row;
  }

  /** Normal numbers, zeros, large and small ones, extremes of one size, a single one at the end. */
  static float[] mixed(Value input, Story story, int token) {
    float[] row = normal(input, story, token);
    int kind = (story.number() + token) % 8;
    for (int i = 0; i < row.length; i++) {
      row[i] =
          switch (kind) {
            case 1 -> 0;
            case 2 -> row[i] * 1000;
            case 3 -> row[i] * 1e-3f;
            case 4 -> 1;
            case 5 -> Math.signum(row[i]) * 3;
            case 6 -> i < row.length - 1 ? 0 : row[i];
            default -> row[i];
          };
    }
    return row;
  }

  /** The vocabulary, if the graph starts from token ids. */
  static Optional<Integer> vocabulary(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof Op.Embed)
        .map(node -> Math.toIntExact(((Op.Embed) node.op()).table().shape().rows()))
        .findFirst();
  }
}
