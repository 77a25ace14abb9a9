package dev.burhan.kernel.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Batch;
import dev.burhan.backend.ColumnKernel;
import dev.burhan.backend.Kernel;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

  private ColumnKernel columns(String name) {
    return (_, column, _) -> ran.add(name + column);
  }

  private Kernel product(String name) {
    return new Kernel() {
      @Override
      public int parts(Batch batch) {
        return 2;
      }

      @Override
      public void run(Batch batch, int part, int worker) {
        ran.add(name + part);
      }
    };
  }

  private List<Integer> run(Schedule schedule, Batch batch) {
    List<Integer> parts = new ArrayList<>();
    for (StepRegion region : schedule.regions()) {
      parts.add(region.prepare(batch));
      for (int part = 0; part < parts.getLast(); part++) {
        region.run(batch, part, 0);
      }
    }
    return parts;
  }

  @Test
  void kernelsThatTreatColumnsByThemselvesWaitForNobodyBetweenProducts() {
    Schedule schedule = new Schedule(2);
    schedule.add(List.of(columns("a")), true);
    schedule.add(List.of(columns("b"), columns("c")), true);
    schedule.add(List.of(product("P"), product("Q")), false);
    schedule.add(List.of(columns("d")), true);
    assertEquals(List.of(1, 4, 1), run(schedule, TestBatch.prompt(1, 64)));
    assertEquals(List.of("a0", "b0", "c0", "P0", "P1", "Q0", "Q1", "d0"), ran);
  }

  @Test
  void aChainTakesItsColumnsAFewAtATime() {
    Schedule schedule = new Schedule(2);
    schedule.add(List.of(columns("a")), true);
    schedule.add(List.of(columns("b")), true);
    assertEquals(List.of(2), run(schedule, TestBatch.prompt(6, 64)));
    assertEquals(
        List.of("a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3", "a4", "a5", "b4", "b5"),
        ran,
        "four a part at least");
    assertEquals(List.of(4), run(schedule, TestBatch.prompt(32, 64)));
  }

  @Test
  void aTokenAndItsGuessesAreOnePartOfAChain() {
    Schedule schedule = new Schedule(8);
    schedule.add(List.of(columns("a")), true);
    assertEquals(List.of(1), run(schedule, TestBatch.prompt(4, 64)));
  }

  private static Kernel work(long multiplyAdds) {
    return new Kernel() {
      @Override
      public int parts(Batch batch) {
        return 2;
      }

      @Override
      public long work(Batch batch) {
        return multiplyAdds;
      }

      @Override
      public void run(Batch batch, int part, int worker) {}
    };
  }

  private static boolean little(Kernel... kernels) {
    KernelGroup group = new KernelGroup(List.of(kernels));
    group.prepare(TestBatch.prompt(1, 64));
    return group.little();
  }

  @Test
  void littleWorkIsNotHandedOutAndUnknownWorkIs() {
    assertTrue(little(work(1000), work(2000)));
    assertFalse(little(work(1000), work(1_000_000)));
    assertFalse(little(work(100_000), work(100_000)));
    assertFalse(little(work(1000), work(Long.MAX_VALUE), work(Long.MAX_VALUE)));
  }

  @Test
  void aKernelThatDoesNotSayThatItTreatsColumnsByThemselvesGetsARegion() {
    Schedule schedule = new Schedule(2);
    schedule.add(List.of(columns("a")), true);
    schedule.add(List.of(product("P")), true);
    schedule.add(List.of(columns("b")), true);
    assertEquals(List.of(1, 2, 1), run(schedule, TestBatch.prompt(1, 64)));
  }

  @Test
  void aKernelWhoseValuesDoNotAllowAChainGetsARegion() {
    Schedule schedule = new Schedule(2);
    schedule.add(List.of(columns("a")), true);
    schedule.add(List.of(columns("b")), false);
    assertEquals(2, schedule.regions().length);
  }

  /** One column may be at the first op of a chain while another is at its last. */
  @Test
  void valuesOfAChainShareNoMemory() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", 16);
    Value a = g.add("a", x, x);
    Value b = g.add("b", a, a);
    Value c = g.add("c", b, b);
    Value product = g.linear("product", c, matrix(), Optional.empty());
    Value d = g.add("d", product, product);
    g.output("d", d);
    Graph graph = g.build();
    NodeGroups groups = NodeGroups.of(graph);
    List<Value> chain = List.of(a, b, c);
    for (Value value : chain) {
      assertEquals(groups.born().get(a.id()), groups.born().get(value.id()));
      assertTrue(groups.dies().get(value.id()) >= groups.born().get(c.id()));
    }
    assertTrue(groups.dies().get(a.id()) < groups.born().get(d.id()));
  }

  private static Weight matrix() {
    return new Weight(
        "w", DataType.F32, Shape.of(16, 16), new Source.Stored("w"), Weight.Use.MATRIX);
  }
}
