package dev.burhan.server.meters;

import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.ModelStatistics;
import dev.burhan.engine.RequestFigures;
import dev.burhan.engine.StepFigures;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * What a server measures, on Micrometer. Counts come from the model's own statistics when they are
 * read, so that none is lost; times and sizes come from the engine's figures. Names follow
 * OpenTelemetry's conventions for generative models where they have one, else vLLM's words;
 * docs/observation.md has them all. Thread-safe.
 */
public final class Meters {
  public static final String CONTENT_TYPE = PrometheusText.CONTENT_TYPE;

  /** The tag that says which model. */
  private static final String MODEL = "model_name";

  /** Histograms count from the start on and forget nothing. */
  private static final Duration FOR_EVER = Duration.ofDays(3650);

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final Map<String, Served> served = new ConcurrentHashMap<>(); // by id

  public Meters() {
    ProcessFigures.register(registry);
  }

  /** The meters of an id, and of the models that have it: one, or two while it is replaced. */
  private static final class Served {
    private static final ModelStatistics.Pages NO_PAGES = ModelStatistics.NONE.pages();

    final List<LoadedModel> models = new CopyOnWriteArrayList<>(); // written under this
    private ModelStatistics past = ModelStatistics.NONE; // of models that went; guarded by this
    private final MeterRegistry registry;
    private final Tags tags;
    private Gauge info; // guarded by this
    final Timer firstToken;
    final Timer perToken;
    final Timer duration;
    final Timer queued;
    final Timer longestGap;
    final Timer betweenTokens;
    final DistributionSummary batch;
    volatile ModelStatistics now = ModelStatistics.NONE;

    Served(String id, MeterRegistry registry) {
      Tags tags = Tags.of(MODEL, id);
      firstToken =
          timer(
              registry,
              tags,
              "gen_ai.server.time_to_first_token",
              "From a request to its first token");
      perToken =
          timer(
              registry,
              tags,
              "gen_ai.server.time_per_output_token",
              "Mean time between the tokens of a request, for those of two tokens or more");
      duration =
          timer(
              registry, tags, "gen_ai.server.request.duration", "From a request to its last token");
      queued =
          timer(registry, tags, "burhan.request.queue_time", "From a request to its first step");
      longestGap =
          timer(
              registry,
              tags,
              "burhan.request.longest_gap",
              "Longest time between two tokens of a request, for those of two tokens or more");
      betweenTokens =
          timer(
              registry,
              tags,
              "burhan.inter_token_latency",
              "Duration of steps that generate: the time between two tokens of all that are in it");
      batch =
          DistributionSummary.builder("burhan.batch_size")
              .description("Sequences in a step")
              .tags(tags)
              .serviceLevelObjectives(Buckets.counts())
              .distributionStatisticExpiry(FOR_EVER)
              .distributionStatisticBufferLength(1)
              .register(registry);
      gauges(registry, tags);
      counters(registry, tags);
      this.registry = registry;
      this.tags = tags;
    }

    synchronized void add(LoadedModel model) {
      models.add(model);
      look();
    }

    /** A model is closed; what it counted stays. */
    synchronized void remove(LoadedModel model) {
      if (models.remove(model)) {
        past = past.plus(model.statistics().now(0, 0, NO_PAGES));
        look();
      }
    }

    /** Reads what the models tell of themselves; the backend may be another one than before. */
    synchronized void look() {
      now = models.stream().map(LoadedModel::statistics).reduce(past, ModelStatistics::plus);
      if (!models.isEmpty()) {
        look(models.getLast());
      }
    }

    private void look(LoadedModel model) {
      String backend = model.backend();
      String context = Integer.toString(model.plan().limits().context());
      if (info == null
          || !backend.equals(info.getId().getTag("backend"))
          || !context.equals(info.getId().getTag("context"))) {
        if (info != null) {
          registry.remove(info);
        }
        info =
            Gauge.builder("burhan.model.info", () -> 1)
                .description("What is served, always 1")
                .tags(
                    tags.and("backend", backend)
                        .and("numerics", model.plan().numerics().id())
                        .and("context", context))
                .register(registry);
      }
    }

    private static Timer timer(MeterRegistry registry, Tags tags, String name, String help) {
      return Timer.builder(name)
          .description(help)
          .tags(tags)
          .serviceLevelObjectives(Buckets.times())
          .distributionStatisticExpiry(FOR_EVER)
          .distributionStatisticBufferLength(1)
          .register(registry);
    }

    private void gauges(MeterRegistry registry, Tags tags) {
      gauge(
          registry,
          tags,
          "burhan.requests.running",
          "Requests that are being worked on",
          ModelStatistics::running);
      gauge(
          registry,
          tags,
          "burhan.requests.waiting",
          "Requests that wait for room",
          ModelStatistics::waiting);
      String pages = "burhan.kv_pages";
      String help = "Pages of keys and values, by state: held by requests, cached for them, free";
      gauge(registry, tags.and("state", "held"), pages, help, now -> now.pages().held());
      gauge(registry, tags.and("state", "cached"), pages, help, now -> now.pages().cached());
      gauge(
          registry,
          tags.and("state", "free"),
          pages,
          help,
          now -> now.pages().total() - now.pages().held() - now.pages().cached());
    }

    private void counters(MeterRegistry registry, Tags tags) {
      count(registry, tags, "burhan.steps", "Steps that were run", ModelStatistics::steps);
      String prompt = "burhan.prompt_tokens";
      String help = "Tokens of prompts: computed, or found in the prefix cache";
      count(registry, tags.and("source", "computed"), prompt, help, ModelStatistics::promptTokens);
      count(registry, tags.and("source", "cache"), prompt, help, ModelStatistics::cachedTokens);
      count(
          registry,
          tags,
          "burhan.generation_tokens",
          "Tokens that were generated",
          ModelStatistics::generatedTokens);
      count(
          registry,
          tags,
          "burhan.spec_decode.draft_tokens",
          "Tokens that were guessed ahead and checked",
          ModelStatistics::drafted);
      count(
          registry,
          tags,
          "burhan.spec_decode.accepted_tokens",
          "Tokens that were guessed ahead and right",
          ModelStatistics::accepted);
      count(
          registry,
          tags,
          "burhan.preemptions",
          "Times that a request gave its pages up and went on later",
          ModelStatistics::preemptions);
      String seconds = "burhan.step_time_seconds";
      String what = "Seconds in steps: in the program's own work, and in the engine around it";
      count(registry, tags.and("part", "kernels"), seconds, what, now -> now.kernelNanos() / 1e9);
      count(
          registry,
          tags.and("part", "engine"),
          seconds,
          what,
          now -> (now.stepNanos() - now.kernelNanos()) / 1e9);
      String requests = "burhan.requests";
      String ends = "Requests that ended, by reason";
      for (FinishReason reason : FinishReason.values()) {
        count(
            registry,
            tags.and("reason", reason.name().toLowerCase(Locale.ROOT)),
            requests,
            ends,
            now -> now.ended().getOrDefault(reason, 0L));
      }
      count(registry, tags.and("reason", "error"), requests, ends, ModelStatistics::failed);
    }

    private void gauge(
        MeterRegistry registry,
        Tags tags,
        String name,
        String help,
        ToDoubleFunction<ModelStatistics> value) {
      Gauge.builder(name, this, served -> value.applyAsDouble(served.now))
          .description(help)
          .tags(tags)
          .register(registry);
    }

    private void count(
        MeterRegistry registry,
        Tags tags,
        String name,
        String help,
        ToDoubleFunction<ModelStatistics> value) {
      FunctionCounter.builder(name, this, served -> value.applyAsDouble(served.now))
          .description(help)
          .tags(tags)
          .register(registry);
    }
  }

  /**
   * Begins to measure a model; another one of that id is measured with it.
   *
   * @param id as clients name it: the name by which it was loaded may tell this machine's folders
   */
  public synchronized void serve(String id, LoadedModel model) {
    served.computeIfAbsent(id, _ -> new Served(id, registry)).add(model);
  }

  /** A model is closed. The last one of an id takes its meters along. Idempotent. */
  public synchronized void gone(String id, LoadedModel model) {
    Served meters = served.get(id);
    if (meters == null) {
      return;
    }
    meters.remove(model);
    if (meters.models.isEmpty()) {
      served.remove(id);
      registry.getMeters().stream()
          .filter(meter -> id.equals(meter.getId().getTag(MODEL)))
          .forEach(registry::remove);
    }
  }

  void stepped(StepFigures step) {
    of(step.model())
        .ifPresent(
            meters -> {
              meters.batch.record(step.sequences());
              if (step.generatedColumns() > 0) {
                meters.betweenTokens.record(step.durationNanos(), TimeUnit.NANOSECONDS);
              }
            });
  }

  void ended(RequestFigures request) {
    of(request.model()).ifPresent(meters -> ended(request, meters));
  }

  private static void ended(RequestFigures request, Served meters) {
    meters.queued.record(request.queuedNanos(), TimeUnit.NANOSECONDS);
    meters.duration.record(request.totalNanos(), TimeUnit.NANOSECONDS);
    if (request.firstTokenNanos() > 0) {
      meters.firstToken.record(request.firstTokenNanos(), TimeUnit.NANOSECONDS);
    }
    if (request.meanBetweenNanos() > 0) {
      meters.perToken.record(request.meanBetweenNanos(), TimeUnit.NANOSECONDS);
      meters.longestGap.record(request.mostBetweenNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private Optional<Served> of(String model) {
    return served.values().stream()
        .filter(one -> one.models.stream().anyMatch(of -> of.name().equals(model)))
        .findFirst();
  }

  /** All meters in Prometheus' text format. */
  public String prometheus() {
    served.values().forEach(Served::look);
    return PrometheusText.of(registry);
  }
}
