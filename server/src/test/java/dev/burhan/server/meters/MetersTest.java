package dev.burhan.server.meters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.ModelStatistics;
import dev.burhan.engine.RequestFigures;
import dev.burhan.engine.StepFigures;
import dev.burhan.server.StillModel;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetersTest {
  private static final String TAG = "{model_name=\"tiny\"}";

  private final StillModel model = new StillModel("/models/tiny.gguf");
  private final Meters meters = new Meters();

  private static StepFigures step(String name, int sequences, int generated, double seconds) {
    return new StepFigures(
        name, 1, (long) (seconds * 1e9), (long) (seconds * 9e8), sequences, 4, generated, 1, 3, 0);
  }

  private static RequestFigures request(String name, double first, double mean) {
    return new RequestFigures(
        name,
        Optional.of(FinishReason.STOP),
        Optional.empty(),
        new Usage(8, 0, 5),
        1_000_000,
        (long) (first * 1e9),
        (long) (first * 2e9),
        (long) (mean * 1e9),
        (long) (mean * 2e9),
        0);
  }

  @Test
  void pageOfAServerWithoutAModelHasItsProcess() {
    Map<String, Double> page = PrometheusRules.check(meters.prometheus());
    assertTrue(page.get("process_start_time_seconds") > 1e9);
    assertTrue(page.get("jvm_memory_used_bytes{area=\"heap\"}") > 0);
  }

  @Test
  void countsAreTheModelsOwn() {
    meters.serve("tiny", model);
    model.statistics =
        new ModelStatistics(
            2,
            3,
            new ModelStatistics.Pages(100, 30, 20),
            7,
            50,
            16,
            12,
            10,
            6,
            1,
            Map.of(FinishReason.LENGTH, 4L),
            2,
            5_000_000_000L,
            4_500_000_000L);
    Map<String, Double> page = PrometheusRules.check(meters.prometheus());
    assertEquals(2, page.get("burhan_requests_running" + TAG));
    assertEquals(3, page.get("burhan_requests_waiting" + TAG));
    assertEquals(30, page.get("burhan_kv_pages{model_name=\"tiny\",state=\"held\"}"));
    assertEquals(20, page.get("burhan_kv_pages{model_name=\"tiny\",state=\"cached\"}"));
    assertEquals(50, page.get("burhan_kv_pages{model_name=\"tiny\",state=\"free\"}"));
    assertEquals(7, page.get("burhan_steps_total" + TAG));
    assertEquals(
        50, page.get("burhan_prompt_tokens_total{model_name=\"tiny\",source=\"computed\"}"));
    assertEquals(16, page.get("burhan_prompt_tokens_total{model_name=\"tiny\",source=\"cache\"}"));
    assertEquals(12, page.get("burhan_generation_tokens_total" + TAG));
    assertEquals(10, page.get("burhan_spec_decode_draft_tokens_total" + TAG));
    assertEquals(6, page.get("burhan_spec_decode_accepted_tokens_total" + TAG));
    assertEquals(1, page.get("burhan_preemptions_total" + TAG));
    assertEquals(4, page.get("burhan_requests_total{model_name=\"tiny\",reason=\"length\"}"));
    assertEquals(2, page.get("burhan_requests_total{model_name=\"tiny\",reason=\"error\"}"));
    assertEquals(0, page.get("burhan_requests_total{model_name=\"tiny\",reason=\"stop\"}"));
    assertEquals(
        0.5, page.get("burhan_step_time_seconds_total{model_name=\"tiny\",part=\"engine\"}"));
  }

  @Test
  void timesGoIntoBuckets() {
    meters.serve("tiny", model);
    meters.ended(request(model.name(), 0.5, 0.04));
    meters.ended(request(model.name(), 2.5, 0));
    meters.stepped(step(model.name(), 3, 2, 0.02));
    meters.stepped(step(model.name(), 1, 0, 0.2));
    Map<String, Double> page = PrometheusRules.check(meters.prometheus());
    String first = "gen_ai_server_time_to_first_token_seconds";
    assertEquals(2, page.get(first + "_count" + TAG));
    assertEquals(3, page.get(first + "_sum" + TAG), 1e-9);
    assertEquals(1, page.get(first + "_bucket{le=\"0.5\",model_name=\"tiny\"}"));
    assertEquals(0, page.get(first + "_bucket{le=\"0.3\",model_name=\"tiny\"}"));
    assertEquals(2, page.get(first + "_bucket{le=\"3\",model_name=\"tiny\"}"));
    assertEquals(1, page.get("gen_ai_server_time_per_output_token_seconds_count" + TAG));
    assertEquals(0.08, page.get("burhan_request_longest_gap_seconds_sum" + TAG), 1e-9);
    assertEquals(1, page.get("burhan_inter_token_latency_seconds_count" + TAG));
    assertEquals(2, page.get("burhan_batch_size_count" + TAG));
    assertEquals(1, page.get("burhan_batch_size_bucket{le=\"2\",model_name=\"tiny\"}"));
  }

  private static ModelStatistics generated(int running, long tokens) {
    return new ModelStatistics(
        running,
        0,
        new ModelStatistics.Pages(10, running, 0),
        1,
        0,
        0,
        tokens,
        0,
        0,
        0,
        Map.of(FinishReason.STOP, tokens),
        0,
        0,
        0);
  }

  @Test
  void aReplacedModelsCountsGoOnAndAnUnloadedOnesGo() {
    StillModel next = new StillModel("tiny");
    String tokens = "burhan_generation_tokens_total" + TAG;
    String running = "burhan_requests_running" + TAG;
    meters.serve("tiny", model);
    model.statistics = generated(2, 30);
    meters.serve("tiny", next);
    next.statistics = generated(1, 5);
    next.backend = "other";
    Map<String, Double> both = PrometheusRules.check(meters.prometheus());
    assertEquals(35, both.get(tokens));
    assertEquals(3, both.get(running));
    assertEquals(1, both.keySet().stream().filter(key -> key.contains("backend=")).count());
    meters.gone("tiny", model);
    meters.gone("tiny", model);
    Map<String, Double> one = PrometheusRules.check(meters.prometheus());
    assertEquals(35, one.get(tokens));
    assertEquals(1, one.get(running));
    assertEquals(35, one.get("burhan_requests_total{model_name=\"tiny\",reason=\"stop\"}"));
    meters.serve("another", new StillModel("another"));
    meters.gone("tiny", next);
    Map<String, Double> none = PrometheusRules.check(meters.prometheus());
    assertFalse(none.keySet().stream().anyMatch(key -> key.contains("tiny")));
    assertTrue(none.containsKey("burhan_requests_running{model_name=\"another\"}"));
    meters.serve("tiny", next);
    assertEquals(5, PrometheusRules.check(meters.prometheus()).get(tokens));
  }

  @Test
  void figuresOfOtherModelsAreNotTheServedOnes() {
    meters.serve("tiny", model);
    meters.stepped(step("another", 3, 2, 0.02));
    meters.ended(request("another", 0.5, 0.04));
    Map<String, Double> page = PrometheusRules.check(meters.prometheus());
    assertEquals(0, page.get("burhan_batch_size_count" + TAG));
    assertEquals(0, page.get("gen_ai_server_request_duration_seconds_count" + TAG));
  }

  @Test
  void backendIsTheOneOfTheMoment() {
    meters.serve("tiny", model);
    String info = "burhan_model_info{backend=\"%s\",context=\"100\",model_name=\"tiny\",";
    assertTrue(meters.prometheus().contains(info.formatted("still")), meters.prometheus());
    model.backend = "other";
    assertTrue(meters.prometheus().contains(info.formatted("other")), meters.prometheus());
    assertFalse(meters.prometheus().contains(info.formatted("still")));
  }

  @Test
  void pathOfTheModelIsNotTold() {
    meters.serve("tiny", model);
    assertFalse(meters.prometheus().contains("/models/"));
  }

  @Test
  void namesThatNeedEscapesAreEscaped() {
    meters.serve("a \"b\"\\c\nd", model);
    Map<String, Double> page = PrometheusRules.check(meters.prometheus());
    assertTrue(page.containsKey("burhan_steps_total{model_name=\"a \\\"b\\\"\\\\c\\nd\"}"));
  }

  @Test
  void pageStaysWithinTheRulesWhileFiguresComeIn() throws InterruptedException {
    meters.serve("tiny", model);
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  Random random = new Random(7);
                  for (int i = 0; i < 20_000; i++) {
                    meters.stepped(
                        step(model.name(), 1 + random.nextInt(9), 1, random.nextDouble()));
                    meters.ended(request(model.name(), random.nextDouble(), random.nextDouble()));
                  }
                });
    do {
      PrometheusRules.check(meters.prometheus());
    } while (writer.isAlive());
    writer.join();
    assertEquals(
        20_000, PrometheusRules.check(meters.prometheus()).get("burhan_batch_size_count" + TAG));
  }

  /** Each of these breaks a rule: the check is worth something. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a 1",
        "# TYPE a counter\na 1\n",
        "# TYPE a gauge\na_total 1\n",
        "# TYPE a gauge\na{b=\"c} 1\n",
        "# TYPE a gauge\na{b=\"c\\d\"} 1\n",
        "# TYPE a gauge\na 1\na 2\n",
        "# TYPE a gauge\na one\n",
        "# TYPE a gauge\na 1\n\n",
        "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# HELP a x\n",
        "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
        "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n"
      })
  void brokenPagesAreFound(String page) {
    assertThrows(AssertionError.class, () -> PrometheusRules.check(page));
  }
}
