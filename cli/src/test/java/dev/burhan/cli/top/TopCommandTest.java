package dev.burhan.cli.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TopCommandTest {
  private static final String PROCESS =
      """
      # TYPE process_start_time_seconds gauge
      process_start_time_seconds 1.7e9
      process_resident_memory_bytes 1048576
      jvm_memory_used_bytes{area="heap"} 2097152
      """;

  private final LinkedBlockingQueue<String> pages = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/metrics",
        exchange -> {
          byte[] page = pages.remove().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(page.length == 0 ? 404 : 200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private int run(String... words) throws Exception {
    Map<String, List<String>> values = new HashMap<>(Map.of("interval", List.of("0.1")));
    for (String word : words) {
      String[] parts = word.split("=", 2);
      values.put(parts[0], List.of(parts.length == 2 ? parts[1] : ""));
    }
    return new TopCommand().run(new Arguments(values, List.of()), new PipeIo(), null);
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Streams that are nobody's terminal. */
  private final class PipeIo implements CommandIo {
    private final PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);

    @Override
    public InputStream in() {
      return InputStream.nullInputStream();
    }

    @Override
    public PrintStream out() {
      return stream;
    }

    @Override
    public PrintStream err() {
      return stream;
    }

    @Override
    public boolean inputIsTerminal() {
      return false;
    }

    @Override
    public boolean outputIsTerminal() {
      return false;
    }

    @Override
    public boolean colour() {
      return false;
    }

    @Override
    public Progress progress() {
      return Progress.NONE;
    }
  }

  private static String page(
      String model, int computed, int cached, int generated, int drafted, int accepted) {
    return PROCESS
        + """
          burhan_requests_running{model_name="M"} 3
          burhan_requests_waiting{model_name="M"} 2
          burhan_kv_pages{model_name="M",state="held"} 30
          burhan_kv_pages{model_name="M",state="cached"} 20
          burhan_kv_pages{model_name="M",state="free"} 50
          burhan_prompt_tokens_total{model_name="M",source="computed"} %d
          burhan_prompt_tokens_total{model_name="M",source="cache"} %d
          burhan_generation_tokens_total{model_name="M"} %d
          burhan_spec_decode_draft_tokens_total{model_name="M"} %d
          burhan_spec_decode_accepted_tokens_total{model_name="M"} %d
          burhan_preemptions_total{model_name="M"} 1
          burhan_requests_total{model_name="M",reason="stop"} 7
          burhan_requests_total{model_name="M",reason="error"} 1
          burhan_batch_size_bucket{model_name="M",le="+Inf"} 10
          burhan_batch_size_sum{model_name="M"} %d
          burhan_batch_size_count{model_name="M"} %d
          gen_ai_server_time_to_first_token_seconds_bucket{model_name="M",le="0.1"} 2
          gen_ai_server_time_to_first_token_seconds_bucket{model_name="M",le="0.2"} 4
          gen_ai_server_time_to_first_token_seconds_bucket{model_name="M",le="+Inf"} 4
          """
            .formatted(computed, cached, generated, drafted, accepted, generated, generated / 2)
            .replace("\"M\"", '"' + model + '"');
  }

  private JsonNode json() throws Exception {
    return new JsonMapper().readTree(output());
  }

  @Test
  void onceComparesTwoLooks() throws Exception {
    pages.addAll(List.of(page("m", 100, 0, 10, 8, 2), page("m", 130, 10, 30, 18, 10)));
    assertEquals(Command.DONE, run("url=" + url(), "once", "json"));
    JsonNode model = json().get("models").get(0);
    double in = model.get("prompt_tokens_per_second").asDouble();
    double out = model.get("generated_tokens_per_second").asDouble();
    assertTrue(in > 0 && out > 0, model.toString());
    assertEquals(1.5, in / out, 1e-9); // 30 and 20 tokens of the same time
    assertEquals(3, model.get("running").asInt());
    assertEquals(2, model.get("waiting").asInt());
    assertEquals(2, model.get("batch").asDouble(), 1e-9);
    assertEquals(30, model.get("pages_held").asInt());
    assertEquals(100, model.get("pages").asInt());
    assertEquals(0.25, model.get("prefix_hit_rate").asDouble(), 1e-9);
    assertEquals(0.8, model.get("draft_acceptance").asDouble(), 1e-9);
    // nothing came between the looks, so it is of all there is: 2 of 4 up to 0.1 s
    assertEquals(0.1, model.get("time_to_first_token_p50_seconds").asDouble(), 1e-9);
    assertEquals(0.19, model.get("time_to_first_token_p95_seconds").asDouble(), 1e-9);
    assertTrue(model.get("between_tokens_p50_seconds").isNull());
    assertEquals(8, model.get("requests_ended").asInt());
    assertEquals(1048576, json().get("resident_bytes").asInt());
  }

  @Test
  void tableHasOneLineAModel() throws Exception {
    String both = page("a", 1, 1, 2, 0, 0) + page("b", 1, 1, 2, 0, 0).substring(PROCESS.length());
    pages.addAll(List.of(both, both));
    run("url=" + url() + "/v1/", "once");
    List<String> lines = output().lines().toList();
    assertEquals(4, lines.size(), output());
    assertTrue(lines.get(0).contains("resident 1 MiB  heap 2 MiB"), output());
    assertTrue(lines.get(1).startsWith("MODEL"), output());
    assertTrue(lines.get(2).startsWith("a ") && lines.get(3).startsWith("b "), output());
    assertTrue(lines.get(2).contains("[#####====.......] 50/100"), output());
  }

  @Test
  void serverThatLoadsItsModelIsNoError() throws Exception {
    pages.addAll(List.of(PROCESS, PROCESS));
    assertEquals(Command.DONE, run("url=" + url(), "once"));
    assertTrue(output().contains("no model yet"), output());
  }

  @Test
  void noServerIsOneClearError() {
    String url = url();
    server.stop(0);
    var error = assertThrows(BurhanException.class, () -> run("url=" + url, "once"));
    assertTrue(error.getMessage().contains("no server answers at " + url), error.getMessage());
  }

  @Test
  void otherServersAreToldApart() {
    pages.addAll(List.of("", "up 1\n", "<html>"));
    for (String part : List.of("answered 404", "not those of a Burhan server", "found the line")) {
      var error = assertThrows(BurhanException.class, () -> run("url=" + url(), "once"));
      assertTrue(error.getMessage().contains(part), error.getMessage());
    }
    assertThrows(UsageException.class, () -> run("url=ftp://x", "once"));
    assertThrows(UsageException.class, () -> run("url=://", "once"));
  }

  @Test
  void countsOfAServerThatWasStartedAnewAreNotNegative() throws Exception {
    pages.addAll(List.of(page("m", 1000, 0, 1000, 0, 0), page("m", 30, 10, 20, 0, 0)));
    run("url=" + url(), "once", "json");
    JsonNode model = json().get("models").get(0);
    assertTrue(model.get("generated_tokens_per_second").asDouble() > 0, model.toString());
  }

  @Test
  void tableFitsEveryWidth() {
    MetricsPage before = MetricsPage.parse(page("model-of-a-long-name", 1, 1, 2, 0, 0), 0);
    MetricsPage now =
        MetricsPage.parse(page("model-of-a-long-name", 50, 9, 80, 9, 4), 1_000_000_000);
    List<ModelFigures> figures =
        List.of(ModelFigures.of("model-of-a-long-name", before, before, now));
    for (int width = 1; width < 200; width++) {
      for (String line : TopTable.lines(figures, width)) {
        assertTrue(line.length() <= width, width + ": " + line);
      }
    }
    List<String> wide = TopTable.lines(figures, 200);
    List<String> narrow = TopTable.lines(figures, 80);
    assertTrue(wide.get(0).contains("PREEMPT") && !narrow.get(0).contains("PREEMPT"));
    assertTrue(narrow.get(0).contains("OUT/S") && narrow.get(0).contains("FIRST"), narrow.get(0));
  }

  @Test
  void nameOfAModelCannotSteerTheTerminal() {
    MetricsPage page = MetricsPage.parse(page("\u001b[2Jx", 1, 1, 2, 0, 0), 0);
    List<String> lines =
        TopTable.lines(List.of(ModelFigures.of("\u001b[2Jx", page, page, page)), 200);
    assertTrue(lines.get(1).startsWith("?[2Jx"), lines.get(1));
  }

  @Test
  void quantilesLieBetweenTheirBucketsBounds() {
    TreeMap<Double, Double> after =
        new TreeMap<>(Map.of(0.1, 10.0, 0.2, 20.0, Double.POSITIVE_INFINITY, 20.0));
    assertEquals(new Quantiles(0.1, 0.19), rounded(Quantiles.between(new TreeMap<>(), after)));
    TreeMap<Double, Double> before =
        new TreeMap<>(Map.of(0.1, 10.0, 0.2, 10.0, Double.POSITIVE_INFINITY, 10.0));
    assertEquals(new Quantiles(0.15, 0.195), rounded(Quantiles.between(before, after)));
    TreeMap<Double, Double> beyond = new TreeMap<>(Map.of(0.1, 0.0, Double.POSITIVE_INFINITY, 5.0));
    assertEquals(new Quantiles(0.1, 0.1), Quantiles.between(new TreeMap<>(), beyond));
    assertTrue(Double.isNaN(Quantiles.between(new TreeMap<>(), new TreeMap<>()).p50()));
  }

  private static Quantiles rounded(Quantiles of) {
    return new Quantiles(Math.rint(of.p50() * 1e9) / 1e9, Math.rint(of.p95() * 1e9) / 1e9);
  }

  @Test
  void escapesInLabelsAreRead() {
    String line = "burhan_requests_running{model_name=\"a \\\"b\\\" {c}, d\\\\\\\\e\",x=\"1\"} 1\n";
    assertEquals(
        new ArrayList<>(List.of("a \"b\" {c}, d\\\\e")),
        new ArrayList<>(MetricsPage.parse(line, 0).models()));
  }
}
