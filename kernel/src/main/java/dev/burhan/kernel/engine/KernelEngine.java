package dev.burhan.kernel.engine;

import dev.burhan.backend.Limits;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.engine.Engine;
import dev.burhan.engine.EngineEvent;
import dev.burhan.engine.EngineEvent.Change;
import dev.burhan.engine.EngineEvent.Failed;
import dev.burhan.engine.EngineEvent.Loaded;
import dev.burhan.engine.EngineListener;
import dev.burhan.engine.EngineObserver;
import dev.burhan.engine.LoadReport;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.PackReport;
import dev.burhan.engine.WarmUp;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.observe.Observation;
import dev.burhan.kernel.packed.PackedCheckpoint;
import dev.burhan.kernel.scheduler.ModelThread;
import dev.burhan.kernel.scheduler.WarmUpTask;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.kernel.weights.PackedWeights;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.TextFormat;
import dev.burhan.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads models: opens the checkpoint, has its architecture write the graph, compiles that on a
 * backend.
 */
public final class KernelEngine implements Engine {
  private static final Logger LOG = LoggerFactory.getLogger(KernelEngine.class);

  /**
   * Tokens of a prompt that one step takes: enough that weights are read seldom, few enough that
   * activations stay in cache.
   */
  private static final int CHUNK = 256;

  /** Rows of logits of one step: a large vocabulary has 600 KB a row. */
  private static final int LOGIT_ROWS = 64;

  private static final int TOKENS_PER_PAGE = 64;

  private final Host host;
  private final LoadedModels models;

  /**
   * An engine.
   *
   * @param models where it puts what it loads
   */
  public KernelEngine(Host host, LoadedModels models) {
    this.host = host;
    this.models = models;
  }

  @Override
  public List<LoadedModel> models() {
    return models.all();
  }

  @Override
  public LoadedModel load(LoadRequest request, Progress progress) {
    Deque<Runnable> undo = new ArrayDeque<>();
    try {
      return load(
          EngineConfiguration.complete(request, host),
          request.backend().isPresent(),
          progress,
          undo);
    } catch (RuntimeException | Error e) {
      undo.forEach(Runnable::run);
      models
          .events()
          .tell(
              new Failed(
                  request.name().orElse(request.model()),
                  Change.LOAD,
                  String.valueOf(e.getMessage())));
      throw e;
    }
  }

  @Override
  public Listening listen(EngineListener listener) {
    return models.events().listen(listener);
  }

  @Override
  public PackReport pack(LoadRequest request, Progress progress) {
    return new PackAhead(host).pack(EngineConfiguration.complete(request, host), progress);
  }

  @Override
  public void tell(EngineEvent event) {
    models.events().tell(event);
  }

  /**
   * The architecture that a checkpoint says it is of.
   *
   * @throws BurhanException if the checkpoint does not say or nobody knows it
   */
  public static ModelArchitecture architecture(Host host, Checkpoint checkpoint) {
    if (checkpoint.tensors().isEmpty()) {
      throw new CheckpointException(checkpoint.path() + " holds no tensors: it can't be run");
    }
    return architectureOf(host, checkpoint);
  }

  /** The same of a checkpoint that may be a configuration alone. */
  public static ModelArchitecture architectureOf(Host host, Checkpoint checkpoint) {
    return findArchitecture(host, checkpoint)
        .orElseThrow(
            () ->
                new BurhanException(
                    checkpoint.path()
                        + ": no bundle knows the architecture '"
                        + architectureName(checkpoint)
                        + "'; known are "
                        + host.providers(ModelArchitecture.class).stream()
                            .flatMap(architecture -> architecture.architectures().stream())
                            .sorted()
                            .toList()));
  }

  /** The same; empty if nobody knows it. */
  static Optional<ModelArchitecture> findArchitecture(Host host, Checkpoint checkpoint) {
    String name = architectureName(checkpoint);
    return host.providers(ModelArchitecture.class).stream()
        .filter(architecture -> architecture.architectures().contains(name))
        .findFirst();
  }

  private static String architectureName(Checkpoint checkpoint) {
    return checkpoint
        .metadata()
        .string(
            checkpoint.metadata().has("general.architecture")
                ? "general.architecture"
                : "model_type");
  }

  /** Loads; {@code named} tells whether the request's backend is the caller's own word. */
  private LoadedModel load(
      LoadRequest request, boolean named, Progress progress, Deque<Runnable> undo) {
    long started = System.nanoTime();
    Checkpoint checkpoint = host.openCheckpoint(request.model(), progress);
    undo.push(checkpoint::close);
    ModelArchitecture architecture = architecture(host, checkpoint);
    ModelGraph model = architecture.graph(checkpoint);
    Optional<PackedCheckpoint> packed = packed(checkpoint);
    CheckpointWeightStore weights =
        new CheckpointWeightStore(
            checkpoint,
            host.memory(),
            packed.map(kept -> (PackedWeights) kept).orElse(PackedWeights.NONE),
            ExpertMemory.bytes(request.options(), model.graph()));
    undo.push(() -> EngineModel.closeWeights(weights));
    ModelCompiler compiler = new ModelCompiler(request, weights, packed, host);
    String name = request.name().orElse(request.model());
    boolean alone = models.all().isEmpty();
    Compiled compiled =
        compiler.compile(
            model,
            request.backend(),
            progress,
            plan -> {
              if (!alone) {
                new Room(plan).check(name);
              }
            });
    undo.push(compiled::close);
    ModelThread thread =
        new ModelThread(
            compiled.steps(),
            compiled.sharing(),
            name,
            EngineConfiguration.patience(host.settings()),
            new Observation(name, () -> host.providers(EngineObserver.class)));
    undo.push(thread::close);
    WarmUp when = request.warmUp().orElse(WarmUp.BACKGROUND);
    WarmUpTask warmUp = new WarmUpTask();
    if (when != WarmUp.OFF) {
      thread.warmUp(warmUp); // while the tokenizer is made
    }
    Optional<Tokenizer> tokenizer =
        host.providers(TextFormat.class).stream()
            .filter(format -> format.supports(checkpoint))
            .findFirst()
            .map(format -> format.tokenizer(checkpoint)); // to have none is no error here
    Optional<ChatFormat> chatFormat = host.chatFormat(checkpoint);
    EngineModel loaded =
        new EngineModel(
            request,
            new EngineModel.Parts(
                checkpoint,
                weights,
                packed,
                new LiveBackend(
                    name,
                    new LiveBackend.Wish(
                        request.backend(),
                        named,
                        () -> EngineConfiguration.backend(host.settings())),
                    compiler,
                    new BackendSelection(host),
                    compiled,
                    thread,
                    models.events()),
                thread,
                tokenizer,
                chatFormat),
            report(started, checkpoint, weights),
            host,
            models);
    models.add(loaded);
    loaded.backendsLeft(new BackendSelection(host)); // while it was compiled
    loaded.architectureCame(now -> now != architecture); // it may have changed meanwhile
    packed.ifPresent(PackedCheckpoint::begin);
    if (when == WarmUp.LOAD) {
      warmUp.await(name, progress);
    }
    models
        .events()
        .tell(
            new Loaded(
                loaded.name(),
                request.model(),
                loaded.backend(),
                (System.nanoTime() - started) / 1e9));
    return loaded;
  }

  private Optional<PackedCheckpoint> packed(Checkpoint checkpoint) {
    try {
      return EngineConfiguration.packedFolder(host)
          .flatMap(folder -> PackedCheckpoint.of(checkpoint, folder));
    } catch (BurhanException e) { // a catalogue's trouble, and the model needs none
      LOG.warn("packed weights are not kept: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static LoadReport report(
      long started, Checkpoint checkpoint, CheckpointWeightStore weights) {
    long fileBytes = 0;
    for (Path file : checkpoint.files()) {
      fileBytes += file.toFile().length();
    }
    return new LoadReport(
        (System.nanoTime() - started) / 1e9,
        fileBytes,
        weights.mappedBytes(),
        weights.madeBytes(),
        weights.cachedBytes());
  }

  /** What a program for this request is sized for. */
  public static Limits limits(LoadRequest request, ModelGraph model) {
    int most = model.info().context();
    int context =
        request.context() > 0 ? request.context() : Math.min(most, LoadRequest.DEFAULT_CONTEXT);
    if (context > most) {
      throw new dev.burhan.provider.UsageException(
          "a context of "
              + context
              + " tokens is more than the "
              + most
              + " that the model was made for");
    }
    int threads =
        request.threads() > 0 ? request.threads() : Runtime.getRuntime().availableProcessors();
    Limits one =
        new Limits(
            Math.min(CHUNK, context),
            1,
            Math.min(LOGIT_ROWS, context),
            context,
            Math.ceilDiv(context, TOKENS_PER_PAGE),
            TOKENS_PER_PAGE,
            threads,
            KvType.planes(request.options(), model.graph()),
            ExpertMemory.bytes(request.options(), model.graph()));
    return SharedCache.limits(request.options(), one, model.graph());
  }
}
