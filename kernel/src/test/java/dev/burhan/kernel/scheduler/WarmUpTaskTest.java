package dev.burhan.kernel.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Batch;
import dev.burhan.backend.KvPages;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Outcome;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.engine.Speculation;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.kernel.memory.NativeHostMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WarmUpTaskTest {
  private static final Limits LIMITS = new Limits(64, 4, 8, 256, 64, 8, 1, Map.of());
  private static final int GUESSES = 20;

  private final NativeHostMemory memory = new NativeHostMemory();

  /** A model that computes nothing: warming up reads positions that were never computed. */
  private static final class Model implements Program {
    private final CheckedProgram unused = new CheckedProgram(LIMITS);

    @Override
    public Plan plan() {
      return unused.plan();
    }

    @Override
    public KvPages pages() {
      return unused.pages();
    }

    @Override
    public Outcome step(
        Batch batch, Map<String, MemorySegment> inputs, Outputs outputs, Stop stop) {
      return stop.requested() ? Outcome.STOPPED : Outcome.DONE;
    }

    @Override
    public void close() {}
  }

  /** A draft head that finds everything before a position in its pages, or says so. */
  private static final class Draft implements Program {
    private final CheckedProgram checked = new CheckedProgram(DraftRunner.limits(LIMITS));
    private final TreeSet<Integer> columns = new TreeSet<>();
    private int guesses;

    @Override
    public Plan plan() {
      GraphBuilder graph = new GraphBuilder();
      graph.input(Graph.HIDDEN, 4);
      Plan plan = checked.plan();
      return new Plan(
          graph.build(), plan.limits(), List.of(), 0, 0, 0, 0, 0, plan.numerics(), List.of());
    }

    @Override
    public KvPages pages() {
      return checked.pages();
    }

    @Override
    public Outcome step(
        Batch batch, Map<String, MemorySegment> inputs, Outputs outputs, Stop stop) {
      assertTrue(inputs.get(Graph.HIDDEN).byteSize() >= batch.columns() * 16L);
      columns.add(batch.columns());
      guesses += batch.logitRows();
      return checked.step(batch, inputs, outputs, stop);
    }

    @Override
    public void close() {}
  }

  @Test
  void theDraftHeadIsWarmedToo() {
    Draft draft = new Draft();
    DraftRunner runner =
        new DraftRunner(
            draft, LIMITS, CheckedProgram.VOCABULARY, new DraftPace(Speculation.AUTO), memory);
    try (StepRunner steps =
        new StepRunner(
            new Model(),
            CheckedProgram.VOCABULARY,
            memory,
            StepRunner.Extras.of(Optional.of(runner), false, Optional.empty()))) {
      new WarmUpTask().run(steps, () -> draft.guesses >= GUESSES);
      assertTrue(draft.guesses >= GUESSES);
      assertTrue(draft.columns.size() > 2, draft.columns.toString()); // prompts of several lengths
      assertEquals(LIMITS.pages(), steps.pages().available());
    }
    assertEquals(0, memory.liveBlocks());
  }
}
