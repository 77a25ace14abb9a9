package dev.burhan.kernel.engine;

import dev.burhan.backend.Backend;
import dev.burhan.backend.PackedWeight;
import dev.burhan.backend.Plan;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.PackReport;
import dev.burhan.engine.Speculation;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.packed.PackedAhead;
import dev.burhan.kernel.packed.PackedFolder;
import dev.burhan.kernel.weights.PackedStream;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.util.ArrayList;
import java.util.List;

/** Packs a model's weights as loading it would, without loading it. */
final class PackAhead {
  private final Host host;

  PackAhead(Host host) {
    this.host = host;
  }

  /** See {@link dev.burhan.engine.Engine#pack}. */
  PackReport pack(LoadRequest request, Progress progress) {
    long started = System.nanoTime();
    PackedFolder folder =
        EngineConfiguration.packedFolder(host)
            .orElseThrow(
                () ->
                    new BurhanException(
                        "packed weights are not kept here: set packed.cache to true"
                            + " (BURHAN_PACKED_CACHE) and packed.gigabytes to more than 0, and name"
                            + " a packed.folder if there is no catalogue"));
    try (Checkpoint checkpoint = host.openCheckpoint(request.model(), progress)) {
      ModelGraph model = KernelEngine.architecture(host, checkpoint).graph(checkpoint);
      try (Backend backend = open(request, model)) {
        List<PackedStream> weights =
            weights(request, model, backend).stream()
                .map(weight -> new PackedStream(weight, checkpoint))
                .toList();
        PackedAhead.Written written =
            new PackedAhead(checkpoint, folder, host.memory(), progress).write(weights);
        return new PackReport(
            (System.nanoTime() - started) / 1e9, written.packed(), written.kept(), folder.root());
      }
    }
  }

  private Backend open(LoadRequest request, ModelGraph model) {
    return new BackendSelection(host)
        .open(
            request.backend(),
            request.options(),
            backend -> backend.plan(model.graph(), KernelEngine.limits(request, model)))
        .backend();
  }

  /** Those of the model, and of its draft head where that would run. */
  private static List<PackedWeight> weights(
      LoadRequest request, ModelGraph model, Backend backend) {
    Plan plan = backend.plan(model.graph(), KernelEngine.limits(request, model));
    if (!plan.possible()) {
      throw new BurhanException("the model can't run here: " + String.join("; ", plan.refusals()));
    }
    List<PackedWeight> weights = new ArrayList<>(backend.packedWeights(plan));
    DraftChoice.plan(
            request.speculation().orElse(Speculation.AUTO), request.model(), model, plan, backend)
        .map(backend::packedWeights)
        .ifPresent(weights::addAll);
    return weights;
  }
}
