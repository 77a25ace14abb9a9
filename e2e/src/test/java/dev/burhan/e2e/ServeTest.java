package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code burhan serve} as an operator meets it. */
class ServeTest {
  /** A stream of a given number of tokens at most; this one goes on for long. */
  private static final String COUNT =
      "{\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"Count to 300.\"}],"
          + "\"temperature\":0,\"logit_bias\":{\"1\":-100,\"2\":-100},\"max_tokens\":%d,\"stream\":true}";

  @TempDir Path temp;

  private static JsonNode json(HttpResponse<String> response) throws Exception {
    return new JsonMapper().readTree(response.body());
  }

  private static Path burhan() {
    return Places.distribution().resolve("bin/burhan");
  }

  @Test
  void answersUntilItIsToldToEndAndEndsWithZero() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1())) {
      assertEquals(200, served.get("/health/live").statusCode());
      assertEquals(200, served.get("/health/ready").statusCode());
      assertEquals(404, served.get("/v1/nothing").statusCode());
      HttpResponse<String> answer =
          served.chat(
              "{\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"Say zanzibar.\"}],\"max_tokens\":3}");
      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals(3, json(answer).at("/usage/completion_tokens").asInt());
      assertEquals(0, served.terminate());
      String log = served.log();
      assertTrue(log.contains("POST /v1/chat/completions 200"), log);
      assertFalse(log.contains("zanzibar"), log);
      assertFalse(log.contains("ERROR"), log);
    }
  }

  @Test
  void answerThatIsBeingMadeWhenTheEndComesIsFinished() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1(), "--drain", "300");
        var stream = served.stream(COUNT.formatted(8))) {
      stream.readUntil("\"content\":\"\"");
      served.sendSigterm();
      stream.readUntil("\"finish_reason\":\"length\"");
      stream.readUntil("data: [DONE]");
      assertEquals(0, served.awaitEnd());
    }
  }

  @Test
  void answerThatTakesTooLongForTheEndIsBrokenOffWithAnError() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1(), "--drain", "0");
        var stream = served.stream(COUNT.formatted(900))) {
      stream.readUntil("\"content\":\"\"");
      served.sendSigterm();
      stream.readUntil("\"code\":\"server_ending\"");
      assertEquals(0, served.awaitEnd());
    }
  }

  @Test
  void anotherBackendTakesOverWhileAnAnswerStreams() throws Exception {
    try (Served served = Served.start(temp, Needs.smolLm2());
        var stream = served.stream(COUNT.formatted(6000))) {
      stream.readUntil("\"content\":\"\"");
      for (String backend : new String[] {"blas", "vector"}) {
        String told =
            new Shell().run(burhan(), "backend", backend, "--url", served.url()).exitsWith(0).out();
        assertTrue(told.contains("\"to\":\"" + backend + "\",\"copied\":1,\"recomputed\":0"), told);
        stream.readUntil("\"content\":\"");
      }
      new Shell()
          .run(burhan(), "backend", "abacus", "--url", served.url())
          .exitsWith(1)
          .says("there is no backend 'abacus'");
      stream.readUntil("\"content\":\"");
    }
  }

  @Test
  void clientThatLeavesLetsTheNextOneIn() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1())) {
      try (var stream = served.stream(COUNT.formatted(900))) {
        stream.readUntil("\"content\":\"\"");
      }
      assertEquals(200, served.chat(COUNT.formatted(1).replace("true", "false")).statusCode());
      assertEquals(0, served.terminate());
      assertTrue(served.log().contains("200 client gone"), served.log());
    }
  }

  @Test
  void portThatIsTakenIsOneLine() throws Exception {
    Path model = Places.tinyR1();
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      new Shell()
          .run(burhan(), "serve", "--model", model, "--port", taken.getLocalPort())
          .exitsWith(1)
          .saysOneLine()
          .says("cannot listen on port " + taken.getLocalPort());
    }
  }

  @Test
  void wrongOptionsAreOneLine() throws Exception {
    new Shell()
        .run(burhan(), "serve", "--model", "smollm2", "--port", "65536")
        .exitsWith(2)
        .saysOneLine()
        .says("--port");
    new Shell()
        .run(burhan(), "serve", "--model", temp.resolve("none.gguf"), "--port", "0")
        .exitsWith(2)
        .saysOneLine()
        .says("none.gguf");
    new Shell()
        .run(burhan(), "serve", "--model", "smollm2", "--host", "no.such.host.invalid")
        .exitsWith(1)
        .saysOneLine()
        .says("no.such.host.invalid");
  }

  @Test
  void thoughtIsReasoningContent() throws Exception {
    Path model = Places.tinyR1();
    try (Served served = Served.start(temp, model)) {
      JsonNode answer =
          json(
              served.chat(
                  "{\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"What is 47 + 385?\"}],\"temperature\":0,\"max_tokens\":6}"));
      JsonNode message = answer.at("/choices/0/message");
      assertFalse(message.path("reasoning_content").asText().isBlank(), answer::toString);
      assertEquals("", message.get("content").asText());
      assertEquals("length", answer.at("/choices/0/finish_reason").asText());
      assertEquals(6, answer.at("/usage/completion_tokens_details/reasoning_tokens").asInt());
      String stream =
          served
              .chat(
                  "{\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"What is 47 + 385?\"}],\"temperature\":0,\"max_tokens\":6,\"stream\":true}")
              .body();
      assertTrue(stream.contains("\"delta\":{\"reasoning_content\":"), stream);
      assertTrue(stream.endsWith("data: [DONE]\n\n"), stream);
    }
  }

  @Test
  void thoughtIsEndedAtItsBudget() throws Exception {
    Path model = Places.tinyR1();
    try (Served served = Served.start(temp, model)) {
      JsonNode answer =
          json(
              served.chat(
                  "{\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"Why?\"}],\"temperature\":0,"
                      + "\"max_tokens\":50,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":5}}"));
      JsonNode message = answer.at("/choices/0/message");
      assertTrue(
          message.path("reasoning_content").asText().endsWith("I answer now."), answer::toString);
      assertFalse(message.get("content").asText().isBlank(), answer::toString);
    }
  }

  @Test
  void votesAreTalliedInTheAnswer() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1())) {
      JsonNode answer =
          json(
              served.chat(
                  "{\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"What is 47 + 385?\"}],"
                      + "\"seed\":4,\"votes\":3}"));
      JsonNode tally = answer.at("/burhan/tally");
      assertEquals(3, tally.path("started").asInt(), answer::toString);
      assertEquals(3, tally.path("finished").asInt() + tally.path("cancelled").asInt());
      assertEquals("432", tally.at("/answers/0/answer").asText(), answer::toString);
      assertTrue(tally.at("/answers/0/samples").size() >= 2, answer::toString);
    }
  }
}
