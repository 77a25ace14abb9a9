package dev.burhan.kernel.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Rows;
import dev.burhan.graph.CustomOp;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostPlannerTest {
  private static final Limits LIMITS = new Limits(4, 1, 1, 32, 8, 4, 1, Map.of());

  private final HostPlanner planner =
      new HostPlanner(List.of(new NamedKernels("oracle", new OracleProvider().open(Map.of()))));

  private static Weight weight(DataType type, Weight.Use use, long... shape) {
    return new Weight("w", type, Shape.of(shape), new Source.Stored("w"), use);
  }

  @Test
  void aTiedHeadIsCountedOnce() {
    GraphBuilder graph = new GraphBuilder();
    Value x = graph.embed("x", weight(DataType.Q8_0, Weight.Use.GATHER, 100, 64));
    graph.logits("logits", x, weight(DataType.Q8_0, Weight.Use.MATRIX, 100, 64));
    Plan plan = planner.plan(graph.build(), LIMITS);
    assertTrue(plan.possible());
    assertEquals(100 * 68, plan.weightBytes());
    assertEquals(100 * 68 + 68, plan.bytesPerToken()); // the head, and one row of the table
    assertEquals(2.0 * 100 * 64, plan.flopsPerToken());
  }

  /** Twice its input. */
  private record Twice() implements CustomOp {
    @Override
    public String id() {
      return "test.twice/1";
    }

    @Override
    public void expand(Node node, GraphBuilder builder) {
      Value x = node.in().getFirst();
      builder.add(new Op.Add(), List.of(x, x), node.out());
    }
  }

  /** The oracle, but weights of use MATRIX are wanted in panels of 32 rows. */
  private record InPanels(HostKernels oracle) implements HostKernels {
    @Override
    public Numerics numerics() {
      return oracle.numerics();
    }

    @Override
    public boolean supports(Node node) {
      return oracle.supports(node);
    }

    @Override
    public List<Layout> layouts(Weight weight) {
      return weight.use() == Weight.Use.MATRIX
          ? List.of(new Layout("test-panels", 1), Layout.FILE)
          : List.of(Layout.FILE);
    }

    @Override
    public Packer packer(Layout layout) {
      return new Packer() {
        @Override
        public long bytes(Weight weight) {
          return Math.ceilDiv(weight.shape().rows(), 32)
              * 32
              * weight.type().bytes(weight.shape().cols());
        }

        @Override
        public int rowsPerPanel() {
          return 32;
        }

        @Override
        public void pack(Weight weight, Rows rows, long first, long count, MemorySegment to) {
          throw new AssertionError("planning reads no weight");
        }
      };
    }

    @Override
    public Optional<Kernel> bind(Node node, Bindings bindings) {
      return oracle.bind(node, bindings);
    }

    @Override
    public void close() {
      oracle.close();
    }
  }

  @Test
  void packedWeightsAreCountedWithTheirPadding() {
    GraphBuilder graph = new GraphBuilder();
    Value x = graph.embed("x", weight(DataType.Q8_0, Weight.Use.GATHER, 200, 64));
    Value y = graph.linear("y", x, matrix("m", 70, 64), Optional.empty());
    Value z = graph.linear("z", x, matrix("m", 70, 64), Optional.empty()); // the same once more
    graph.output(Graph.HIDDEN, graph.add("sum", y, z));
    HostKernels kernels = new InPanels(new OracleProvider().open(Map.of()));
    Plan plan =
        new HostPlanner(List.of(new NamedKernels("panels", kernels))).plan(graph.build(), LIMITS);
    assertTrue(plan.possible(), plan.refusals().toString());
    assertEquals(200 * 68 + 96 * 68, plan.weightBytes());
    assertEquals(68 + 2 * 70 * 68, plan.bytesPerToken()); // of the file's
  }

  @Test
  void aTableInTheFileCountsNothingBesideItsPackedHead() {
    GraphBuilder graph = new GraphBuilder();
    Value x = graph.embed("x", weight(DataType.Q8_0, Weight.Use.GATHER, 100, 64));
    graph.logits("logits", x, weight(DataType.Q8_0, Weight.Use.MATRIX, 100, 64));
    HostKernels kernels = new InPanels(new OracleProvider().open(Map.of()));
    Plan plan =
        new HostPlanner(List.of(new NamedKernels("panels", kernels))).plan(graph.build(), LIMITS);
    assertEquals(128 * 68, plan.weightBytes());
  }

  @Test
  void ofExpertsOnlyThoseInMemoryAreCounted() {
    GraphBuilder graph = new GraphBuilder();
    Value x = graph.embed("x", weight(DataType.Q8_0, Weight.Use.GATHER, 100, 64));
    Weight gate = weight(DataType.F32, Weight.Use.MATRIX, 8, 64);
    GraphBuilder.Routed routed =
        graph.route(
            "route",
            x,
            new Op.Route(gate, Optional.empty(), 1, 1, 2, Op.Route.Score.SIGMOID, true, 1));
    Op.Experts experts =
        new Op.Experts(experts("gate", 32, 64), experts("up", 32, 64), experts("down", 64, 32));
    graph.output(Graph.HIDDEN, graph.experts("y", x, routed, experts));
    long rest = planner.plan(graph.build(), LIMITS).weightBytes() - 8 * (2 * 32 * 68 + 64 * 34);
    assertEquals(100 * 68 + 8 * 64 * 4, rest);
    for (long memory : new long[] {1, 10_000, 8 * (2 * 32 * 68 + 64 * 34)}) {
      assertEquals(rest + memory, planner.plan(graph.build(), bounded(memory)).weightBytes());
    }
    assertEquals(
        planner.plan(graph.build(), LIMITS).weightBytes(),
        planner.plan(graph.build(), bounded(1 << 30)).weightBytes());
  }

  private static Weight experts(String tensor, long rows, long cols) {
    return new Weight(
        tensor,
        DataType.Q8_0,
        Shape.of(8, rows, cols),
        new Source.Stored(tensor),
        Weight.Use.EXPERTS);
  }

  private static Limits bounded(long expertBytes) {
    return new Limits(4, 1, 1, 32, 8, 4, 1, Map.of(), expertBytes);
  }

  private static Weight matrix(String tensor, long rows, long cols) {
    return new Weight(
        tensor, DataType.Q8_0, Shape.of(rows, cols), new Source.Stored(tensor), Weight.Use.MATRIX);
  }

  @Test
  void aCustomOpThatNobodyKnowsIsExpanded() {
    GraphBuilder graph = new GraphBuilder();
    Value x = graph.embed("x", weight(DataType.F32, Weight.Use.GATHER, 10, 8));
    Value twice = graph.value("twice", 8);
    graph.add(new Twice(), List.of(x), List.of(twice));
    graph.output(Graph.HIDDEN, twice);
    Plan plan = planner.plan(graph.build(), LIMITS);
    assertTrue(plan.possible(), plan.refusals().toString());
    assertTrue(plan.graph().nodes().getLast().op() instanceof Op.Add);
    assertEquals(List.of("oracle", "oracle"), plan.placement());
  }

  @Test
  void whatNoLibraryRunsIsRefusedByName() {
    DataType unknown = new DataType("Q9_X", 32, 40);
    GraphBuilder graph = new GraphBuilder();
    Value x = graph.embed("x", weight(DataType.F32, Weight.Use.GATHER, 10, 32));
    graph.output(
        Graph.HIDDEN,
        graph.linear("y", x, weight(unknown, Weight.Use.MATRIX, 8, 32), Optional.empty()));
    Plan plan = planner.plan(graph.build(), LIMITS);
    assertFalse(plan.possible());
    assertTrue(plan.refusals().getFirst().contains("Linear of Q9_X"), plan.refusals().toString());
  }

  /** The oracle's products of prompt columns and nothing else. */
  private record PromptsOnly(HostKernels oracle) implements HostKernels {
    @Override
    public Numerics numerics() {
      return new Numerics("prompts/1", false);
    }

    @Override
    public boolean supports(Node node) {
      return false;
    }

    @Override
    public boolean supports(Node node, Phase phase) {
      return phase == Phase.PROMPT && oracle.supports(node, phase);
    }

    @Override
    public Optional<Kernel> bind(Node node, Bindings bindings) {
      return Optional.empty();
    }

    @Override
    public void close() {
      oracle.close();
    }
  }

  private static Plan planWith(NamedKernels... libraries) {
    GraphBuilder graph = new GraphBuilder();
    Value x = graph.embed("x", weight(DataType.Q8_0, Weight.Use.GATHER, 200, 64));
    graph.output(Graph.HIDDEN, graph.linear("y", x, matrix("m", 70, 64), Optional.empty()));
    return new HostPlanner(List.of(libraries)).plan(graph.build(), LIMITS);
  }

  @Test
  void aLibraryForPromptsSharesItsProductsWithTheNextOne() {
    HostKernels oracle = new OracleProvider().open(Map.of());
    NamedKernels prompts = new NamedKernels("prompts", new PromptsOnly(oracle));
    NamedKernels rest = new NamedKernels("panels", new InPanels(oracle));
    NamedKernels whole = new NamedKernels("oracle", oracle);

    Plan shared = planWith(prompts, whole);
    assertEquals(List.of("oracle", "prompts+oracle"), shared.placement());
    assertEquals("prompts/1+oracle/1 mla=auto", shared.numerics().id());
    assertFalse(shared.numerics().batchInvariant());
    assertEquals(68 + 70 * 68, shared.bytesPerToken());

    assertEquals(List.of("oracle", "oracle"), planWith(whole, prompts).placement());
    assertEquals(
        List.of("panels", "panels"),
        planWith(prompts, rest).placement(),
        "a library that can't leave columns out runs all of them");
    assertFalse(planWith(prompts).possible());
  }
}
