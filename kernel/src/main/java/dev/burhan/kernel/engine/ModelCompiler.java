package dev.burhan.kernel.engine;

import dev.burhan.backend.Limits;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.Speculation;
import dev.burhan.kernel.packed.PackedCheckpoint;
import dev.burhan.kernel.scheduler.DraftPace;
import dev.burhan.kernel.scheduler.DraftRunner;
import dev.burhan.kernel.scheduler.StepRunner;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Compiles one loaded model on one backend after another: the checkpoint and what is kept of its
 * weights stay.
 */
final class ModelCompiler {
  private final LoadRequest request;
  private final CheckpointWeightStore weights;
  private final Optional<PackedCheckpoint> packed;
  private final Host host;

  ModelCompiler(
      LoadRequest request,
      CheckpointWeightStore weights,
      Optional<PackedCheckpoint> packed,
      Host host) {
    this.request = request;
    this.weights = weights;
    this.packed = packed;
    this.host = host;
  }

  /**
   * Compiles the model.
   *
   * @param model its graph
   * @param backend its name; empty for the best there is
   * @param beforehand given the plan before a weight is made; throws if it should not be
   * @return closed by the caller, its runner by whoever runs it
   * @throws dev.burhan.provider.BurhanException if there is no such backend, or no room
   */
  Compiled compile(
      ModelGraph model, Optional<String> backend, Progress progress, Consumer<Plan> beforehand) {
    Deque<Runnable> undo = new ArrayDeque<>();
    try {
      return compile(model, backend, progress, beforehand, undo);
    } catch (RuntimeException | Error e) {
      undo.forEach(Runnable::run);
      throw e;
    }
  }

  private Compiled compile(
      ModelGraph model,
      Optional<String> name,
      Progress progress,
      Consumer<Plan> beforehand,
      Deque<Runnable> undo) {
    BackendSelection.Opened opened =
        new BackendSelection(host)
            .open(
                name,
                request.options(),
                backend -> backend.plan(model.graph(), KernelEngine.limits(request, model)));
    undo.push(opened.backend()::close);
    Plan plan = opened.backend().plan(model.graph(), KernelEngine.limits(request, model));
    beforehand.accept(plan);
    Speculation speculation = request.speculation().orElse(Speculation.AUTO);
    Optional<Plan> draftPlan =
        DraftChoice.plan(speculation, request.model(), model, plan, opened.backend());
    LoadingWeights loading =
        new LoadingWeights(
            weights,
            request.model(),
            plan.weightBytes() + draftPlan.map(Plan::weightBytes).orElse(0L),
            progress);
    Program program = opened.backend().compile(plan, loading);
    undo.push(program::close);
    Optional<Program> draft = draftPlan.map(of -> opened.backend().compile(of, loading));
    draft.ifPresent(compiled -> undo.push(compiled::close));
    loading.finish();
    return new Compiled(
        model,
        opened.name(),
        opened.providers(),
        opened.backend(),
        program,
        draft,
        steps(model.info().vocabulary(), program, draft, speculation),
        SharedCache.sharing(request, program.plan()));
  }

  private StepRunner steps(
      int vocabulary, Program program, Optional<Program> draft, Speculation speculation) {
    Limits limits = program.plan().limits();
    return new StepRunner(
        program,
        vocabulary,
        host.memory(),
        StepRunner.Extras.of(
            draft.map(
                of ->
                    new DraftRunner(
                        of, limits, vocabulary, new DraftPace(speculation), host.memory())),
            looksUp(speculation, program.plan()),
            SharedCache.folder(request, program, packed)));
  }

  /** Guesses must not change the text, unless they are asked for. */
  private static boolean looksUp(Speculation speculation, Plan plan) {
    return switch (speculation.method()) {
      case OFF, MTP -> false;
      case LOOKUP -> true;
      case AUTO -> plan.numerics().batchInvariant();
    };
  }
}
