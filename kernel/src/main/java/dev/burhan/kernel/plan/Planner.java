package dev.burhan.kernel.plan;

import dev.burhan.backend.Plan;
import dev.burhan.engine.LoadRequest;
import dev.burhan.graph.Graph;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.model.ModelGraph;
import dev.burhan.model.ModelInfo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.DataType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Works out what a model demands in one type of weights or another. */
final class Planner {
  private static final int USUAL_CONTEXT = 32_768;

  private final PlannedModel model;
  private final DataType cacheType;
  private final Optional<String> backend;
  private final int threads;
  private final Host host;

  Planner(
      PlannedModel model, DataType cacheType, Optional<String> backend, int threads, Host host) {
    this.model = model;
    this.cacheType = cacheType;
    this.backend = backend;
    this.threads = threads;
    this.host = host;
  }

  /**
   * Types of weights.
   *
   * @param quantisation empty for those that the checkpoint has
   */
  record Choice(Optional<Quantisation> quantisation) {
    String name() {
      return quantisation.map(Enum::name).orElse("as stored");
    }

    String assumption() {
      return quantisation.map(Quantisation::assumption).orElse("the checkpoint's own types");
    }
  }

  /** What the backend of choice says about running it. */
  record Remarks(String backend, List<String> refusals) {}

  /** A demand and what the backend says. */
  record Result(Choice choice, Demand demand, Remarks remarks) {}

  ModelGraph graph() {
    return model.graph();
  }

  Choice choice(Optional<Quantisation> asked) {
    boolean stored = asked.isEmpty() && model.hasWeights();
    return new Choice(stored ? Optional.empty() : asked.or(() -> Optional.of(Quantisation.Q4_K_M)));
  }

  int context(OptionalInt asked) {
    ModelInfo info = model.graph().info();
    int context = asked.orElse(Math.min(USUAL_CONTEXT, info.context()));
    if (context > info.context()) {
      throw new UsageException(
          "--context is "
              + context
              + ", more than the "
              + info.context()
              + " tokens that the model was made for");
    }
    return context;
  }

  /** Bytes of KV cache a token, over all layers. */
  static double cacheBytesPerToken(Graph graph, DataType type) {
    return graph.caches().stream()
        .flatMap(cache -> cache.planes().stream())
        .mapToDouble(plane -> (double) plane.numbers() / type.blockElements() * type.blockBytes())
        .sum();
  }

  Result result(Choice choice, int context) {
    Optional<ModelGraph> typed =
        choice.quantisation().isEmpty()
            ? Optional.of(model.graph())
            : model.outlined(choice.quantisation().get().base());
    Footprint footprint = choice.quantisation().map(model::in).orElseGet(model::stored);
    BackendSelection.Opened opened;
    try {
      opened = new BackendSelection(host).open(backend, Map.of());
    } catch (UsageException e) {
      throw e;
    } catch (BurhanException e) { // what a model needs is worth knowing where nothing runs it
      return new Result(
          choice, demand(footprint, 1, context, 0), new Remarks("none", List.of(e.getMessage())));
    }
    try (var closed = opened.backend()) {
      ModelGraph graph = typed.orElse(model.graph());
      LoadRequest request =
          new LoadRequest(
              "plan", Optional.empty(), threads, context, Map.of(LoadRequest.SEQUENCES, "1"));
      Plan plan = closed.plan(graph.graph(), KernelEngine.limits(request, graph));
      double held =
          typed.isPresent() ? Math.max(1, (double) plan.weightBytes() / footprint.bytes()) : 1;
      return new Result(
          choice,
          demand(footprint, held, context, plan.scratchBytes()),
          new Remarks(opened.name(), plan.refusals()));
    }
  }

  private Demand demand(Footprint footprint, double held, int context, long scratch) {
    return new Demand(
        footprint, held, context, cacheBytesPerToken(model.graph().graph(), cacheType), scratch);
  }
}
