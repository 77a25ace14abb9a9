package dev.burhan.modeldistill;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.burhan.backend.Outcome;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.kernel.executor.HostBackend;
import dev.burhan.kernel.executor.NamedKernels;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.testing.KernelHarness;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelGraph;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A whole model's logits on the oracle, without an engine. */
final class OracleRun {
  private OracleRun() {}

  /** Logits (ids, vocabulary) of one prompt; closes the checkpoint. */
  static float[] logits(ModelArchitecture family, Checkpoint checkpoint, int... ids) {
    ModelGraph model = family.graph(checkpoint);
    NativeHostMemory memory = new NativeHostMemory();
    HostBackend backend =
        new HostBackend(
            List.of(new NamedKernels("oracle", new OracleProvider().open(Map.of()))), memory);
    try (backend;
        Arena arena = Arena.ofConfined();
        CheckpointWeightStore weights = new CheckpointWeightStore(checkpoint, memory)) {
      Plan plan = backend.plan(model.graph(), KernelHarness.limits(ids.length, 16, 4, 1));
      try (Program program = backend.compile(plan, weights)) {
        MemorySegment logits =
            arena.allocate(JAVA_FLOAT, (long) ids.length * model.info().vocabulary());
        TestBatch batch =
            new TestBatch(4)
                .add(0, Phase.PROMPT, TestBatch.firstPages(ids.length, 4), ids)
                .logits(IntStream.range(0, ids.length).toArray());
        Outcome outcome = program.step(batch, Map.of(), Outputs.logits(logits), Stop.NEVER);
        if (outcome != Outcome.DONE) {
          throw new IllegalStateException("the step was " + outcome);
        }
        return logits.toArray(JAVA_FLOAT);
      }
    }
  }
}
