package dev.burhan.kernel.engine;

import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.EngineEvent.Unloaded;
import dev.burhan.engine.Exchange;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadReport;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.ModelStatistics;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.kernel.packed.PackedCheckpoint;
import dev.burhan.kernel.reasoning.ThoughtLimit;
import dev.burhan.kernel.reasoning.VotedGeneration;
import dev.burhan.kernel.scheduler.GenerationTask;
import dev.burhan.kernel.scheduler.ModelThread;
import dev.burhan.kernel.scheduler.ScoreTask;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelInfo;
import dev.burhan.policy.ContentPolicy;
import dev.burhan.policy.PolicyRequest;
import dev.burhan.policy.PolicySession;
import dev.burhan.policy.Verdict;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** A loaded model: what was opened for it, its program, and the thread that runs it. */
final class EngineModel implements LoadedModel {
  private final LoadRequest request;
  private final Host host;
  private final Checkpoint checkpoint;
  private final AutoCloseable weights;
  private final Optional<PackedCheckpoint> packed;
  private final LoadReport loading;
  private final LiveBackend backend;
  private final LoadedModels models;
  private final Optional<Tokenizer> tokenizer;
  private final Optional<ChatFormat> chatFormat;
  private final ModelThread thread;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** The parts that a model is made of; it closes them. */
  record Parts(
      Checkpoint checkpoint,
      AutoCloseable weights,
      Optional<PackedCheckpoint> packed,
      LiveBackend backend,
      ModelThread thread,
      Optional<Tokenizer> tokenizer,
      Optional<ChatFormat> chatFormat) {}

  EngineModel(
      LoadRequest request, Parts parts, LoadReport loading, Host host, LoadedModels models) {
    this.request = request;
    this.host = host;
    this.checkpoint = parts.checkpoint();
    this.weights = parts.weights();
    this.packed = parts.packed();
    this.loading = loading;
    this.backend = parts.backend();
    this.models = models;
    this.tokenizer = parts.tokenizer();
    this.chatFormat = parts.chatFormat();
    this.thread = parts.thread();
  }

  @Override
  public String name() {
    return request.name().orElse(request.model());
  }

  @Override
  public ModelInfo info() {
    return backend.compiled().model().info();
  }

  @Override
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  @Override
  public Plan plan() {
    return backend.compiled().program().plan();
  }

  @Override
  public Optional<Plan> draftPlan() {
    return backend.compiled().draft().map(Program::plan);
  }

  @Override
  public String backend() {
    return backend.compiled().backendName();
  }

  @Override
  public Optional<LoadReport> loading() {
    return Optional.of(loading);
  }

  @Override
  public Exchange exchange(Optional<String> name, boolean recompute) throws InterruptedException {
    return backend.exchange(name, recompute);
  }

  /** See {@link LiveBackend#came}. */
  void backendCame(String name) {
    backend.came(name);
  }

  /** See {@link LiveBackend#configured}. */
  void backendConfigured(Optional<String> name) {
    backend.configured(name);
  }

  /** Notices which of its backends are gone that nobody told it of. */
  void backendsLeft(BackendSelection selection) {
    for (String name : backend.compiled().providers()) {
      if (selection.candidates().stream().noneMatch(there -> there.name().equals(name))) {
        backend.left(name);
      }
    }
  }

  /** See {@link LiveBackend#left}. */
  void backendLeft(String name) {
    backend.left(name);
  }

  /**
   * Has the graph written anew, if the provider of this model's architecture is another one.
   *
   * @param another whether a provider is another than the one that wrote the graph
   */
  void architectureCame(Predicate<ModelArchitecture> another) {
    backend.replan(
        () ->
            KernelEngine.findArchitecture(host, checkpoint)
                .filter(another)
                .map(now -> now.graph(checkpoint)));
  }

  @Override
  public ModelStatistics statistics() {
    return thread.statistics();
  }

  @Override
  public void settle() throws InterruptedException {
    if (packed.isPresent()) {
      packed.get().settle();
    }
  }

  @Override
  public Tokenizer tokenizer() {
    return tokenizer.orElseThrow(
        () ->
            new BurhanException(
                checkpoint.path()
                    + " has no tokenizer; expected GGUF tokenizer metadata or a tokenizer.json"));
  }

  @Override
  public Optional<ChatFormat> chatFormat() {
    return chatFormat;
  }

  @Override
  public SamplingParameters recommended(long seed) {
    return Recommendation.of(checkpoint.metadata(), chatFormat, seed);
  }

  @Override
  public Generation generate(GenerationRequest generation) {
    check(generation.promptIds(), plan().limits().context() - 1);
    List<PolicySession> sessions = new ArrayList<>();
    try {
      Optional<Verdict.Block> block = beginPolicies(generation, sessions);
      if (block.isPresent()) {
        sessions.forEach(PolicySession::close);
        return new BlockedGeneration(generation.prompt().size(), block.get());
      }
      Generation answer = answer(generation);
      return sessions.isEmpty()
          ? answer
          : new PolicedGeneration(answer, sessions, new ScreenedTally(() -> anew(generation)));
    } catch (RuntimeException e) {
      sessions.forEach(PolicySession::close);
      throw e;
    }
  }

  private Generation answer(GenerationRequest generation) {
    return VotedGeneration.isWanted(generation.reasoning())
        ? VotedGeneration.begin(
            generation, plan().limits().context(), chatFormat, tokenizer, this::sample)
        : sample(generation, () -> {});
  }

  /** Every policy's fresh view of a request that none refused. */
  private List<PolicySession> anew(GenerationRequest generation) {
    List<PolicySession> sessions = new ArrayList<>();
    beginPolicies(generation, sessions);
    return sessions;
  }

  private Generation sample(GenerationRequest generation, Runnable promptComputed) {
    ThoughtLimit.check(generation.reasoning().budget(), tokenizer);
    GenerationTask task = new GenerationTask(generation, tokenizer, promptComputed);
    thread.submit(task);
    return task;
  }

  /** Asks every policy about the prompt; the first that says no decides. */
  private Optional<Verdict.Block> beginPolicies(
      GenerationRequest generation, List<PolicySession> sessions) {
    List<ContentPolicy> policies =
        host.providers(ContentPolicy.class).stream()
            .filter(policy -> policy.probe().usable())
            .toList();
    if (policies.isEmpty()) {
      return Optional.empty();
    }
    int[] ids = generation.promptIds();
    String prompt = tokenizer.map(known -> known.decode(ids, false)).orElse("");
    for (ContentPolicy policy : policies) {
      PolicySession session =
          policy.begin(new PolicyRequest(name(), prompt, generation.attributes()));
      sessions.add(session);
      if (session.input() instanceof Verdict.Block block) {
        return Optional.of(block);
      }
    }
    return Optional.empty();
  }

  @Override
  public void score(int[] tokens, int promptTokens, LogitSink sink) throws InterruptedException {
    if (tokens.length == 0) {
      throw new UsageException("there are no tokens to score; give at least one");
    }
    if (promptTokens < 1 || promptTokens > tokens.length) {
      throw new UsageException(
          "of "
              + tokens.length
              + " tokens at least 1 and at most all are the prompt's, found "
              + promptTokens);
    }
    check(tokens, plan().limits().context());
    score(tokens, promptTokens, 0, sink);
  }

  @Override
  public void scoreFrom(int[] tokens, int from, LogitSink sink) throws InterruptedException {
    if (from < 0 || from >= tokens.length) {
      throw new UsageException(
          "the first position to score should be from 0 to "
              + (tokens.length - 1)
              + ", found "
              + from);
    }
    check(tokens, plan().limits().context());
    score(tokens, tokens.length, from, sink);
  }

  private void score(int[] tokens, int promptTokens, int from, LogitSink sink)
      throws InterruptedException {
    ScoreTask task = new ScoreTask(tokens, promptTokens, from);
    thread.submit(task);
    task.drain(sink);
  }

  private void check(int[] tokens, int most) {
    if (tokens.length > most) {
      throw new UsageException(
          tokens.length
              + " tokens do not fit the context of "
              + plan().limits().context()
              + " tokens; shorten the prompt or load the model with a larger context");
    }
    for (int token : tokens) {
      int vocabulary = info().vocabulary();
      if (token < 0 || token >= vocabulary) {
        throw new UsageException("token " + token + " is not in the vocabulary of " + vocabulary);
      }
    }
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    models.remove(this);
    backend.closing();
    thread.close();
    backend.close();
    closeWeights(weights);
    checkpoint.close();
    models.events().tell(new Unloaded(name(), request.model()));
  }

  static void closeWeights(AutoCloseable weights) {
    try {
      weights.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return name() + " on " + backend();
  }
}
