package dev.burhan.goldentests;

import dev.burhan.backendtck.ModelSteps;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Value;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** A checkpoint's graphs run step by step on a backend that is named. */
final class Steps implements AutoCloseable {
  private final BackendSelection.Opened opened;
  private final ModelSteps steps;

  /** Opens a model; a test whose model the backend has no kernels for is skipped. */
  Steps(Host host, Path folder, String backend, Map<String, String> options) {
    this(host, host.openCheckpoint(folder.toString(), Progress.NONE), backend, options);
  }

  /** The same with an open checkpoint, which is closed with it. */
  Steps(Host host, Checkpoint checkpoint, String backend, Map<String, String> options) {
    opened = new BackendSelection(host).open(Optional.of(backend), options);
    steps = new ModelSteps(host, checkpoint, opened.backend());
    List<String> refusals = steps.refusals();
    if (!refusals.isEmpty()) {
      close();
      String reason = checkpoint.path() + " skipped: " + String.join("; ", refusals);
      System.out.println(reason);
      Assumptions.abort(reason);
    }
  }

  /** Skips a test whose model the backend has no kernels for. */
  static void requireKernels(Host host, Path folder, String backend, Map<String, String> options) {
    new Steps(host, folder, backend, options).close();
  }

  ModelGraph model() {
    return steps.model();
  }

  /** Runs tokens from position 0 on, as {@link ModelSteps#run} does. */
  ModelSteps.Result run(
      Graph graph, int[] ids, Map<String, Value> traced, Map<String, float[][]> inputs) {
    return steps.run(graph, ids, traced, inputs);
  }

  @Override
  public void close() {
    steps.close();
    opened.backend().close();
  }
}
