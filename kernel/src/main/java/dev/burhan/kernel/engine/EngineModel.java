package dev.burhan.kernel.engine;

import dev.burhan.backend.KvPages;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.checkpoint.Checkpoint;
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
import dev.burhan.kernel.scheduler.Sequence;
import dev.burhan.kernel.scheduler.WarmUpTask;
import dev.burhan.model.ModelInfo;
import dev.burhan.policy.ContentPolicy;
import dev.burhan.policy.PolicyRequest;
import dev.burhan.policy.PolicySession;
import dev.burhan.policy.Verdict;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A loaded model: what was opened for it, its program, and the thread that runs it. */
final class EngineModel implements LoadedModel {
  private static final Logger LOG = LoggerFactory.getLogger(EngineModel.class);

  private final LoadRequest request;
  private final Host host;
  private final ModelInfo info;
  private final Checkpoint checkpoint;
  private final AutoCloseable weights;
  private final Optional<PackedCheckpoint> packed;
  private final LoadReport loading;
  private final ModelCompiler compiler;
  private final ReentrantLock exchanging = new ReentrantLock();
  private volatile Compiled compiled;
  private Optional<String> wanted; // the backend that was asked for; guarded by exchanging
  private boolean away; // its backend is gone, and compiled is closed; guarded by exchanging
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
      ModelCompiler compiler,
      Compiled compiled,
      ModelThread thread,
      Optional<Tokenizer> tokenizer,
      Optional<ChatFormat> chatFormat) {}

  EngineModel(
      LoadRequest request,
      ModelInfo info,
      Parts parts,
      LoadReport loading,
      Host host,
      LoadedModels models) {
    this.request = request;
    this.host = host;
    this.info = info;
    this.checkpoint = parts.checkpoint();
    this.weights = parts.weights();
    this.packed = parts.packed();
    this.loading = loading;
    this.compiler = parts.compiler();
    this.compiled = parts.compiled();
    this.wanted = request.backend();
    this.models = models;
    this.tokenizer = parts.tokenizer();
    this.chatFormat = parts.chatFormat();
    this.thread = parts.thread();
  }

  @Override
  public String name() {
    return request.model();
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  @Override
  public Plan plan() {
    return compiled.program().plan();
  }

  @Override
  public Optional<Plan> draftPlan() {
    return compiled.draft().map(Program::plan);
  }

  @Override
  public String backend() {
    return compiled.backendName();
  }

  @Override
  public Optional<LoadReport> loading() {
    return Optional.of(loading);
  }

  @Override
  public Exchange exchange(Optional<String> backend, boolean recompute)
      throws InterruptedException {
    exchanging.lockInterruptibly();
    try {
      Exchange told = goOn(backend, recompute);
      wanted = backend;
      return told;
    } finally {
      exchanging.unlock();
    }
  }

  private Exchange goOn(Optional<String> backend, boolean recompute) throws InterruptedException {
    if (closed.get()) {
      throw new BurhanException("the model is closed");
    }
    Compiled old = compiled;
    Compiled next = compiler.compile(backend, Progress.NONE);
    boolean taken = false;
    try {
      new WarmUpTask().run(next.steps(), closed::get);
      ModelThread.Moved moved =
          thread.exchange(next.steps(), next.sharing(), copier(old, next, recompute || away));
      taken = true;
      compiled = next;
      if (!away) {
        old.close();
      }
      away = false;
      LOG.info(
          "{} runs on {} now, on {} before: {}",
          name(),
          next.backendName(),
          old.backendName(),
          moved);
      return new Exchange(
          old.backendName(), next.backendName(), moved.copied(), moved.recomputed(), moved.nanos());
    } finally {
      if (!taken) {
        next.steps().close();
        next.close();
      }
    }
  }

  /**
   * A backend is there that was not: the model takes it if it waits for it, or if it is the best.
   */
  void backendCame(String name) {
    exchanging.lock();
    try {
      boolean may = wanted.isEmpty() || wanted.get().equals(name);
      boolean better =
          !away
              && wanted.isEmpty()
              && !compiled.backendName().equals(name)
              && new BackendSelection(host)
                  .best()
                  .filter(best -> best.name().equals(name))
                  .isPresent();
      if (!closed.get() && (away ? may : better)) {
        goOn(wanted, false);
      }
    } catch (BurhanException e) {
      LOG.warn("{} does not run on {}: {}", name(), name, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchanging.unlock();
    }
  }

  /** A backend goes: the model goes on with the best of the others, or waits for one. */
  void backendLeft(String name) {
    exchanging.lock();
    try {
      if (closed.get() || away || !compiled.backendName().equals(name)) {
        return;
      }
      if (wanted.isEmpty()) {
        try {
          goOn(wanted, false);
          return;
        } catch (BurhanException e) {
          LOG.warn("{} has no backend left: {}", name(), e.getMessage());
        }
      }
      thread.suspend();
      away = true;
      compiled.close();
      LOG.warn("{} waits for a backend, {} went", name(), name);
    } catch (BurhanException e) {
      LOG.debug("{} is closed", name(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchanging.unlock();
    }
  }

  /** Copies pages by way of their canonical form, where the two caches hold the same things. */
  private static Optional<Sequence.PageCopier> copier(
      Compiled old, Compiled next, boolean recompute) {
    KvPages from = old.program().pages();
    KvPages to = next.program().pages();
    int caches = old.program().plan().graph().caches().size();
    boolean alike =
        !recompute
            && from.tokensPerPage() == to.tokensPerPage()
            && IntStream.range(0, caches)
                .allMatch(cache -> from.canonicalBytes(cache) == to.canonicalBytes(cache));
    if (!alike) {
      return Optional.empty();
    }
    return Optional.of(
        (page, own) -> {
          try (Arena arena = Arena.ofConfined()) {
            for (int cache = 0; cache < caches; cache++) {
              MemorySegment form = arena.allocate(from.canonicalBytes(cache), Float.BYTES);
              from.save(page, cache, form);
              to.load(own, cache, form);
            }
          }
        });
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
      if (token < 0 || token >= info.vocabulary()) {
        throw new UsageException(
            "token " + token + " is not in the vocabulary of " + info.vocabulary());
      }
    }
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    models.remove(this);
    thread.close();
    exchanging.lock(); // one that has begun ends, as the thread is closed
    try {
      if (!away) {
        compiled.close();
      }
    } finally {
      exchanging.unlock();
    }
    closeWeights(weights);
    checkpoint.close();
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
