package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.server.meters.PrometheusRules;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a running server tells of itself and of its answers, on a tiny model. */
class ObservedServerTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
  private static final String MODEL = "{model_name=\"smollm2\"}";
  private static final int TOKENS = 6;

  @TempDir Path temp;

  private static Path burhan() {
    return Places.distribution().resolve("bin/burhan");
  }

  private static String body(String question, String more) {
    return ("{\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],"
            + "\"seed\":3,\"max_tokens\":%d%s}")
        .formatted(question, TOKENS, more);
  }

  /** The page once it tells of so many ended requests: observers are told a moment later. */
  private static Map<String, Double> metricsAfter(Served served, int requests) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (true) {
      Map<String, Double> page = PrometheusRules.check(served.get("/metrics").body());
      if (page.get("gen_ai_server_request_duration_seconds_count" + MODEL) >= requests) {
        return page;
      }
      assertTrue(System.nanoTime() < deadline, page::toString);
    }
  }

  @Test
  void metricsCountWhatClientsGot() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1())) {
      int prompts = 0;
      for (String question : new String[] {"Why?", "Who are you?", "When?"}) {
        JsonNode answer = JSON.readTree(served.chat(body(question, "")).body());
        prompts += answer.at("/usage/prompt_tokens").asInt();
        assertEquals(TOKENS, answer.at("/usage/completion_tokens").asInt(), answer::toString);
      }
      served.chat(body("And this?", ",\"stream\":true"));
      Map<String, Double> page = metricsAfter(served, 4);
      assertEquals(4, page.get("burhan_requests_total{model_name=\"smollm2\",reason=\"length\"}"));
      assertEquals(4 * TOKENS, page.get("burhan_generation_tokens_total" + MODEL));
      assertTrue(
          page.get("burhan_prompt_tokens_total{model_name=\"smollm2\",source=\"computed\"}")
                  + page.get("burhan_prompt_tokens_total{model_name=\"smollm2\",source=\"cache\"}")
              > prompts);
      assertEquals(4, page.get("gen_ai_server_time_to_first_token_seconds_count" + MODEL));
      assertEquals(4, page.get("gen_ai_server_time_per_output_token_seconds_count" + MODEL));
      assertEquals(4, page.get("burhan_request_queue_time_seconds_count" + MODEL));
      assertEquals(
          page.get("burhan_steps_total" + MODEL), page.get("burhan_batch_size_count" + MODEL));
      assertEquals(0, page.get("burhan_requests_running" + MODEL));
      assertEquals(0, page.get("burhan_kv_pages{model_name=\"smollm2\",state=\"held\"}"));
      assertFalse(served.get("/metrics").body().contains(temp.toString()), "no folders are told");
      assertFalse(served.log().contains("ERROR"), served.log());
    }
  }

  @Test
  void topShowsTheServerOnceAsTextAndAsJson() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1())) {
      served.chat(body("Why?", ""));
      metricsAfter(served, 1);
      var table =
          new Shell()
              .run(burhan(), "top", "--url", served.url(), "--once", "--interval", "0.1")
              .exitsWith(0);
      assertEquals("", table.said());
      assertTrue(table.out().contains("\nsmollm2 "), table.out());
      assertTrue(table.out().startsWith(served.url() + "  up "), table.out());
      var json =
          new Shell()
              .run(burhan(), "top", "--url", served.url(), "--once", "--json", "--interval", "0.1")
              .exitsWith(0);
      JsonNode model = JSON.readTree(json.out()).get("models").get(0);
      assertEquals(1, model.get("requests_ended").asInt(), json.out());
      assertTrue(model.get("time_to_first_token_p50_seconds").asDouble() > 0, json.out());
      assertTrue(model.get("pages").asInt() > 0, json.out());
    }
  }

  @Test
  void topWatchesOnATerminalUntilQOrCtrlC() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1())) {
      for (String end : new String[] {"q", Pty.CTRL_C}) {
        try (Pty top =
            Pty.start(
                temp, Map.of(), burhan(), "top", "--url", served.url(), "--interval", "0.2")) {
          top.expect("q ends it");
          top.expect("smollm2");
          top.expect("q ends it"); // again, in the same place
          top.type(end).endsWith(0);
          assertTrue(top.all().contains("\u001b[?1049l"), "the first screen is there again");
          assertTrue(top.all().contains("\u001b[?25h"), "the cursor is there again");
        }
      }
    }
  }

  @Test
  void topWithoutAServerIsOneLine() throws Exception {
    new Shell()
        .run(burhan(), "top", "--url", "http://127.0.0.1:1", "--once")
        .exitsWith(1)
        .saysOneLine()
        .says("no server answers at http://127.0.0.1:1");
  }

  @Test
  void receiptOfAServedAnswerIsReplayedAndADepartureIsFound() throws Exception {
    Path model = Places.tinyR1();
    JsonNode answer;
    try (Served served = Served.start(temp, model)) {
      answer = JSON.readTree(served.chat(body("Why?", ",\"receipt\":true")).body());
    }
    ObjectNode receipt = (ObjectNode) answer.at("/burhan/receipt");
    Path file = Files.writeString(temp.resolve("receipt.json"), receipt.toPrettyString());
    var equal = new Shell().run(burhan(), "replay", file, "--model", model).exitsWith(0);
    assertTrue(equal.out().startsWith("equal to the bit: 6 tokens"), equal.out());
    assertFalse(equal.out().contains("differs"), equal.out());

    ArrayNode tokens = (ArrayNode) receipt.at("/answer/tokens");
    assertNotEquals(7, tokens.get(2).asInt());
    tokens.set(2, new IntNode(7));
    Files.writeString(file, receipt.toString());
    new Shell()
        .run(burhan(), "replay", file, "--model", model)
        .exitsWith(2)
        .saysOneLine()
        .says("was changed after it was made");
    makeHashesFit(receipt);
    Files.writeString(file, receipt.toString());
    var departed = new Shell().run(burhan(), "replay", file, "--model", model).exitsWith(1);
    assertTrue(departed.out().startsWith("departs at token 3 of 6"), departed.out());
  }

  private static void makeHashesFit(ObjectNode receipt) throws Exception {
    ArrayNode tokens = (ArrayNode) receipt.at("/answer/tokens");
    ByteBuffer bytes = ByteBuffer.allocate(4 * tokens.size()).order(ByteOrder.LITTLE_ENDIAN);
    tokens.forEach(token -> bytes.putInt(token.asInt()));
    ((ObjectNode) receipt.get("answer")).put("sha256", sha256(bytes.array()));
    receipt.remove("sha256");
    String sorted = JSON.writeValueAsString(JSON.treeToValue(receipt, Object.class));
    receipt.put("sha256", sha256(sorted.getBytes(StandardCharsets.UTF_8)));
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
