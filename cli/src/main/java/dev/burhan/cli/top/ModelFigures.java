package dev.burhan.cli.top;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One model's figures between two readings. What can't be told is NaN.
 *
 * @param promptRate tokens of prompts computed a second
 * @param outputRate tokens generated a second
 * @param batch mean sequences in a step
 * @param held pages of keys and values in use
 * @param cached pages kept for prompts that begin alike
 * @param pages all pages
 * @param hits share of the prompts' tokens that were found in the prefix cache
 * @param acceptance share of guessed tokens that were right
 */
record ModelFigures(
    String model,
    double promptRate,
    double outputRate,
    double running,
    double waiting,
    double batch,
    double held,
    double cached,
    double pages,
    Quantiles firstToken,
    Quantiles betweenTokens,
    double hits,
    double acceptance,
    double preemptions,
    double ended,
    double failed) {

  /**
   * Compares.
   *
   * @param last the reading before, for rates
   * @param earlier one some time ago, for what is told over a while
   */
  static ModelFigures of(String model, MetricsPage earlier, MetricsPage last, MetricsPage now) {
    Readings recent = new Readings(model, last, now);
    Readings while_ = new Readings(model, earlier, now);
    double held = now.value("burhan_kv_pages", model, "state", "held");
    double cached = now.value("burhan_kv_pages", model, "state", "cached");
    double free = now.value("burhan_kv_pages", model, "state", "free");
    double ended = 0;
    for (var reason : now.families().getOrDefault("burhan_requests_total", Map.of()).entrySet()) {
      ended += model.equals(reason.getKey().get("model_name")) ? reason.getValue() : 0;
    }
    return new ModelFigures(
        model,
        recent.rate("burhan_prompt_tokens_total", "source", "computed"),
        recent.rate("burhan_generation_tokens_total"),
        now.value("burhan_requests_running", model),
        now.value("burhan_requests_waiting", model),
        while_.share(
            while_.change("burhan_batch_size_sum"), while_.change("burhan_batch_size_count")),
        held,
        cached,
        held + cached + free,
        while_.quantiles("gen_ai_server_time_to_first_token_seconds"),
        while_.quantiles("burhan_inter_token_latency_seconds"),
        while_.hits(),
        while_.share(
            while_.change("burhan_spec_decode_accepted_tokens_total"),
            while_.change("burhan_spec_decode_draft_tokens_total")),
        now.value("burhan_preemptions_total", model),
        ended,
        now.value("burhan_requests_total", model, "reason", "error"));
  }

  /** Two readings of one model. */
  private record Readings(String model, MetricsPage before, MetricsPage after) {
    double change(String name) {
      return grown(before.value(name, model), after.value(name, model));
    }

    double change(String name, String label, String value) {
      return grown(before.value(name, model, label, value), after.value(name, model, label, value));
    }

    /** A count that is less than before, or was not there, began anew. */
    private static double grown(double before, double after) {
      return after >= before ? after - before : after;
    }

    double rate(String name) {
      return change(name) / seconds();
    }

    double rate(String name, String label, String value) {
      return change(name, label, value) / seconds();
    }

    private double seconds() {
      return (after.nanos() - before.nanos()) / 1e9;
    }

    double share(double part, double whole) {
      return whole > 0 ? part / whole : Double.NaN;
    }

    double hits() {
      double cached = change("burhan_prompt_tokens_total", "source", "cache");
      return share(cached, cached + change("burhan_prompt_tokens_total", "source", "computed"));
    }

    Quantiles quantiles(String name) {
      return Quantiles.between(before.buckets(name, model), after.buckets(name, model));
    }
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model);
    json.put("prompt_tokens_per_second", promptRate);
    json.put("generated_tokens_per_second", outputRate);
    json.put("running", running);
    json.put("waiting", waiting);
    json.put("batch", batch);
    json.put("pages_held", held);
    json.put("pages_cached", cached);
    json.put("pages", pages);
    json.put("time_to_first_token_p50_seconds", firstToken.p50());
    json.put("time_to_first_token_p95_seconds", firstToken.p95());
    json.put("between_tokens_p50_seconds", betweenTokens.p50());
    json.put("between_tokens_p95_seconds", betweenTokens.p95());
    json.put("prefix_hit_rate", hits);
    json.put("draft_acceptance", acceptance);
    json.put("preemptions", preemptions);
    json.put("requests_ended", ended);
    json.put("requests_failed", failed);
    return json;
  }
}
