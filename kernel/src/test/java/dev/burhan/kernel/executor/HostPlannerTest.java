package dev.burhan.kernel.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Limits;
import dev.burhan.backend.Plan;
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
}
