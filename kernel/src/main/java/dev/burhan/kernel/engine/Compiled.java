package dev.burhan.kernel.engine;

import dev.burhan.backend.Backend;
import dev.burhan.backend.Program;
import dev.burhan.kernel.scheduler.Sharing;
import dev.burhan.kernel.scheduler.StepRunner;
import dev.burhan.model.ModelGraph;
import java.util.Optional;
import java.util.Set;

/**
 * A model compiled on a backend.
 *
 * @param model the graph, as the architecture wrote it
 * @param backendName what was chosen
 * @param providers the names of all that the backend is made of
 * @param steps runs the program; closed by the thread that it is given to
 * @param sharing who shares what it computes
 */
record Compiled(
    ModelGraph model,
    String backendName,
    Set<String> providers,
    Backend backend,
    Program program,
    Optional<Program> draft,
    StepRunner steps,
    Sharing sharing) {

  /** Frees all but the runner. */
  void close() {
    draft.ifPresent(Program::close);
    program.close();
    backend.close();
  }
}
