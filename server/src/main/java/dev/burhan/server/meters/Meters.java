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
import java.util.Locale;
import java.util.Optional;
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

  /** Histograms count from the start on and forget nothing. */
  private static final Duration FOR_EVER = Duration.ofDays(3650);

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private volatile Served served; // null until a model is served

  public Meters() {
    ProcessFigures.register(registry);
  }

  /** The meters of a model. */
  private static final class Served {
    final LoadedModel model;
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

    Served(String id, LoadedModel model, MeterRegistry registry) {
      this.model = model;
      Tags tags = Tags.of("model_name", id);
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
      look();
    }

    /** Reads what the model tells of itself; the backend may be another one than before. */
    synchronized void look() {
      now = model.statistics();
      String backend = model.backend();
      if (info == null || !backend.equals(info.getId().getTag("backend"))) {
        if (info != null) {
          registry.remove(info);
        }
        info =
            Gauge.builder("burhan.model.info", () -> 1)
                .description("What is served, always 1")
                .tags(
                    tags.and("backend", backend)
                        .and("numerics", model.plan().numerics().id())
                        .and("context", Integer.toString(model.plan().limits().context())))
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
   * Begins to measure a model.
   *
   * @param id as clients name it: the name by which it was loaded may tell this machine's folders
   */
  public void serve(String id, LoadedModel model) {
    served = new Served(id, model, registry);
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
    Served current = served;
    return current != null && current.model.name().equals(model)
        ? Optional.of(current)
        : Optional.empty();
  }

  /** All meters in Prometheus' text format. */
  public String prometheus() {
    Served current = served;
    if (current != null) {
      current.look();
    }
    return PrometheusText.of(registry);
  }
}
