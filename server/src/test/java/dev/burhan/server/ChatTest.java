package dev.burhan.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.burhan.engine.GenerationEvent.Alternative;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.server.TestServer.Reply;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChatTest {
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server = TestServer.ready();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String body(String more) {
    return "{\"model\":\"hand\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]" + more + "}";
  }

  private static GeneratedToken token(char character, float logprob, Alternative... others) {
    return new GeneratedToken(character, logprob, List.of(others));
  }

  /** The data of a stream's events; comments are left out. */
  private static List<String> events(Reply reply) {
    List<String> events = new ArrayList<>();
    for (String block : reply.body().split("\n\n")) {
      if (!block.startsWith(":")) {
        assertTrue(block.startsWith("data: ") && !block.contains("\n"), block);
        events.add(block.substring(6));
      }
    }
    return events;
  }

  private static JsonNode json(String text) throws Exception {
    return new JsonMapper().readTree(text);
  }

  @Test
  void wholeAnswerHasThoughtAnswerAndUsage() throws Exception {
    var later = server.chatLater(body(""));
    server
        .model
        .next()
        .start()
        .think("Let me ")
        .think("think.")
        .say("Grüß ")
        .say("Gott 世")
        .finish(FinishReason.STOP, 5, 7);
    Reply reply = later.get();
    assertEquals(200, reply.status());
    assertEquals("application/json", reply.header("content-type"));
    JsonNode whole = reply.json();
    assertEquals("chat.completion", whole.get("object").asText());
    assertEquals("hand", whole.get("model").asText());
    assertTrue(whole.get("id").asText().matches("chatcmpl-[0-9a-f]{32}"));
    assertTrue(whole.get("system_fingerprint").asText().matches("fp_[0-9a-f]{10}"));
    JsonNode choice = whole.get("choices").get(0);
    assertEquals(1, whole.get("choices").size());
    assertEquals("stop", choice.get("finish_reason").asText());
    assertTrue(choice.get("logprobs").isNull());
    JsonNode message = choice.get("message");
    assertEquals("assistant", message.get("role").asText());
    assertEquals("Grüß Gott 世", message.get("content").asText());
    assertEquals("Let me think.", message.get("reasoning_content").asText());
    JsonNode usage = whole.get("usage");
    assertEquals("user: Hi\n".length(), usage.get("prompt_tokens").asInt());
    assertEquals(12, usage.get("completion_tokens").asInt());
    assertEquals(21, usage.get("total_tokens").asInt());
    assertEquals(5, usage.get("completion_tokens_details").get("reasoning_tokens").asInt());
  }

  @Test
  void receiptComesInBurhansOwnObjectIfItIsAskedFor() throws Exception {
    var later = server.chatLater(body(",\"receipt\":true,\"seed\":5"));
    server
        .model
        .next()
        .start()
        .think("h", token('h', 0))
        .say("it", token('i', 0), token('t', 0))
        .finish(FinishReason.LENGTH, 1, 2);
    JsonNode receipt = later.get().json().get("burhan").get("receipt");
    assertEquals(
        json("{\"of\":\"hand\",\"seed\":5,\"tokens\":[104,105,116],\"reason\":\"LENGTH\"}"),
        receipt);
    var without = server.chatLater(body(",\"receipt\":false"));
    server.model.next().start().say("it").finish(FinishReason.STOP, 0, 2);
    assertFalse(without.get().json().has("burhan"));
  }

  @Test
  void receiptOfAStreamComesWithTheReasonToEnd() throws Exception {
    var later = server.chatLater(body(",\"receipt\":true,\"stream\":true"));
    server.model.next().start().say("a", token('a', 0)).finish(FinishReason.STOP, 0, 1);
    List<String> events = events(later.get());
    JsonNode last = json(events.get(events.size() - 2)); // before [DONE]
    assertEquals("stop", last.get("choices").get(0).get("finish_reason").asText());
    assertEquals("[97]", last.get("burhan").get("receipt").get("tokens").toString());
    for (String event : events.subList(0, events.size() - 2)) {
      assertFalse(json(event).has("burhan"), event);
    }
  }

  @Test
  void answerWithoutThoughtHasNoReasoningContent() throws Exception {
    var later = server.chatLater(body(""));
    server.model.next().start().say("Hi").finish(FinishReason.LENGTH, 0, 1);
    JsonNode choice = later.get().json().get("choices").get(0);
    assertFalse(choice.get("message").has("reasoning_content"));
    assertEquals("length", choice.get("finish_reason").asText());
  }

  @Test
  void blockedAnswerIsContentFilter() throws Exception {
    var later = server.chatLater(body(""));
    server.model.next().start().say("No.").finish(FinishReason.BLOCKED, 0, 1);
    JsonNode choice = later.get().json().get("choices").get(0);
    assertEquals("content_filter", choice.get("finish_reason").asText());
    assertEquals("No.", choice.get("message").get("content").asText());
  }

  @Test
  void streamIsRoleThoughtAnswerReasonUsageDone() throws Exception {
    var later =
        server.chatLater(body(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
    server
        .model
        .next()
        .start()
        .think("Hm.")
        .say("Gr\n\nüß")
        .say("")
        .finish(FinishReason.STOP, 2, 3);
    Reply reply = later.get();
    assertEquals("text/event-stream;charset=utf-8", reply.header("content-type").replace(" ", ""));
    assertEquals("no-cache", reply.header("cache-control"));
    List<String> events = events(reply);
    assertEquals(6, events.size(), events::toString);
    List<JsonNode> deltas = new ArrayList<>();
    for (String event : events.subList(0, 4)) {
      JsonNode chunk = json(event);
      assertEquals("chat.completion.chunk", chunk.get("object").asText());
      assertEquals(json(events.getFirst()).get("id"), chunk.get("id"));
      assertTrue(chunk.get("usage").isNull());
      deltas.add(chunk.get("choices").get(0).get("delta"));
    }
    assertEquals(json("{\"role\":\"assistant\",\"content\":\"\"}"), deltas.get(0));
    assertEquals(json("{\"reasoning_content\":\"Hm.\"}"), deltas.get(1));
    assertEquals(json("{\"content\":\"Gr\\n\\nüß\"}"), deltas.get(2));
    assertEquals(json("{}"), deltas.get(3));
    assertEquals("stop", json(events.get(3)).get("choices").get(0).get("finish_reason").asText());
    JsonNode last = json(events.get(4));
    assertEquals(0, last.get("choices").size());
    assertEquals(14, last.get("usage").get("total_tokens").asInt());
    assertEquals("[DONE]", events.get(5));
  }

  @Test
  void streamWithoutIncludeUsageHasNone() throws Exception {
    var later = server.chatLater(body(",\"stream\":true"));
    server.model.next().start().say("Hi").finish(FinishReason.STOP, 0, 2);
    Reply reply = later.get();
    assertFalse(reply.body().contains("usage"), reply.body());
    assertEquals("[DONE]", events(reply).getLast());
  }

  @Test
  void eventsArriveWhileTheAnswerIsBeingMade() throws Exception {
    try (Socket socket = server.chatSocket(body(",\"stream\":true"))) {
      var reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      var led = server.model.next().start();
      readUntil(reader, "\"role\":\"assistant\"");
      led.say("first");
      readUntil(reader, "first");
      readUntil(reader, ": keep-alive");
      led.say("second");
      readUntil(reader, "second");
      led.finish(FinishReason.STOP, 0, 2);
      readUntil(reader, "data: [DONE]");
    }
  }

  private static void readUntil(BufferedReader reader, String part) throws Exception {
    String line;
    do {
      line = reader.readLine();
      assertTrue(line != null, "the stream ended before '" + part + "'");
    } while (!line.contains(part));
  }

  @Test
  void logprobsAreTheTokensOwn() throws Exception {
    var later = server.chatLater(body(",\"logprobs\":true,\"top_logprobs\":2"));
    var led = server.model.next();
    assertEquals(2, led.request.sampling().logprobs());
    led.start()
        .think("t", token('t', -0.5f))
        .say("é", token('é', -1f, new Alternative('e', -0.25f), new Alternative('é', -1f)))
        .finish(FinishReason.STOP, 1, 1);
    JsonNode logprobs = later.get().json().get("choices").get(0).get("logprobs");
    JsonNode answer = logprobs.get("content").get(0);
    assertEquals("é", answer.get("token").asText());
    assertEquals(-1, answer.get("logprob").asDouble());
    assertEquals(json("[195,169]"), answer.get("bytes"));
    assertEquals("e", answer.get("top_logprobs").get(0).get("token").asText());
    assertEquals(-0.25, answer.get("top_logprobs").get(0).get("logprob").asDouble());
    assertEquals("t", logprobs.get("reasoning_content").get(0).get("token").asText());
  }

  @Test
  void parametersReachTheEngine() throws Exception {
    var later =
        server.chatLater(
            body(
                ",\"temperature\":0.25,\"top_p\":0.5,\"top_k\":7,\"min_p\":0.125,\"seed\":-3,"
                    + "\"presence_penalty\":1,\"frequency_penalty\":-1,\"repetition_penalty\":1.5,"
                    + "\"logit_bias\":{\"65\":-100},\"stop\":[\"x\",\"yz\"],\"max_tokens\":9,"
                    + "\"user\":\"u1\",\"n\":1,\"store\":false,\"metadata\":{\"a\":\"b\"},"
                    + "\"response_format\":{\"type\":\"text\"},\"tools\":null"));
    var led = server.model.next();
    assertEquals(
        new SamplingParameters(0.25, 7, 0.5, 0.125, 1.5, 1, -1, Map.of(65, -100.0), -1, -3),
        led.request.sampling());
    assertEquals(List.of("x", "yz"), led.request.stop());
    assertEquals(9, led.request.maxTokens());
    assertEquals(Map.of("user", "u1"), led.request.attributes());
    led.start().finish(FinishReason.STOP, 0, 0);
    assertEquals(200, later.get().status());
  }

  @Test
  void whatIsNotAskedForIsAsTheModelsMakersRecommend() throws Exception {
    var later = server.chatLater(body(",\"seed\":5,\"top_p\":1"));
    var led = server.model.next();
    assertEquals(SamplingParameters.reasoning(5).withTopP(1), led.request.sampling());
    assertEquals(HandModel.CONTEXT, led.request.maxTokens());
    led.start().finish(FinishReason.STOP, 0, 0);
    later.get();
  }

  @Test
  void rolesAndPartsReachTheTemplate() throws Exception {
    var later =
        server.chatLater(
            "{\"model\":\"hand\",\"messages\":[{\"role\":\"developer\",\"content\":\"D\"},"
                + "{\"role\":\"user\",\"name\":\"bob\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
                + "{\"type\":\"text\",\"text\":\"b\"}]},"
                + "{\"role\":\"assistant\",\"content\":\"A\",\"refusal\":null,\"annotations\":[]}]}");
    var led = server.model.next();
    assertEquals("system: D\nuser: a\nb\nassistant: A\n", led.prompt());
    led.start().finish(FinishReason.STOP, 0, 0);
    assertEquals(200, later.get().status());
  }

  @Test
  void templatesRefusalIsTold() throws Exception {
    Reply reply =
        server.chat(
            "{\"model\":\"hand\",\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"4\"}]}");
    assertEquals(400, reply.status());
    assertEquals("messages", reply.error().get("param").asText());
    assertTrue(reply.error().get("message").asText().contains("tools are unknown"));
  }

  @Test
  void promptThatDoesNotFitIsContextLengthExceeded() throws Exception {
    Reply reply = server.chat(body("").replace("Hi", "x".repeat(HandModel.CONTEXT)));
    assertEquals(400, reply.status());
    assertEquals("context_length_exceeded", reply.error().get("code").asText());
    assertTrue(server.model.nothingAsked());
  }

  @Test
  void biasOfATokenThatIsNotThereIsRefused() throws Exception {
    Reply reply = server.chat(body(",\"logit_bias\":{\"300\":1}"));
    assertEquals("logit_bias", reply.error().get("param").asText());
  }

  @Test
  void otherModelIsNotFound() throws Exception {
    Reply reply = server.chat(body("").replace("hand", "gpt-4o"));
    assertEquals(404, reply.status());
    assertEquals("model_not_found", reply.error().get("code").asText());
    assertTrue(reply.error().get("message").asText().contains("'hand'"));
  }

  @Test
  void clientThatLeavesAStreamCancels() throws Exception {
    HandModel.Led led;
    try (Socket socket = server.chatSocket(body(",\"stream\":true"))) {
      led = server.model.next().start();
      assertTrue(socket.getInputStream().read() >= 0);
    }
    assertTrue(led.wasCancelled());
  }

  @Test
  void clientThatLeavesBeforeItsWholeAnswerCancels() throws Exception {
    HandModel.Led led;
    try (Socket socket = server.chatSocket(body(""))) {
      led = server.model.next().start();
      assertTrue(socket.isConnected());
    }
    assertTrue(led.wasCancelled());
  }

  @Test
  void clientThatLeavesWhileWaitingGivesItsPlaceUp() throws Exception {
    var first = server.chatLater(body(""));
    var running = server.model.next().start();
    HandModel.Led waiting;
    try (Socket socket = server.chatSocket(body(""))) {
      waiting = server.model.next(); // the engine has it in its queue
      assertEquals(503, server.chat(body("")).status());
      assertTrue(socket.isConnected());
    }
    assertTrue(waiting.wasCancelled());
    running.finish(FinishReason.STOP, 0, 0);
    assertEquals(200, first.get().status());
  }

  @Test
  void answerAfterALongSilenceIsStillJson() throws Exception {
    try (Socket socket = server.chatSocket(body(""))) {
      var reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      var led = server.model.next().start();
      readUntil(reader, "HTTP/1.1 200");
      led.say("late").finish(FinishReason.STOP, 0, 1);
      readUntil(reader, "\"content\":\"late\"");
    }
  }

  @Test
  void failureBeforeTheFirstByteIsAnError() throws Exception {
    var later = server.chatLater(body(",\"stream\":true"));
    server.model.next().fail("out of memory");
    Reply reply = later.get();
    if (reply.status() == 200) { // a keep-alive was faster
      assertEquals("out of memory", json(events(reply).getFirst()).at("/error/message").asText());
    } else {
      assertEquals(500, reply.status());
      assertEquals("server_error", reply.error().get("type").asText());
    }
  }

  @Test
  void failureInAStreamIsAnEventAndNotTheEnd() throws Exception {
    var later = server.chatLater(body(",\"stream\":true"));
    server.model.next().start().say("Hi").fail("the model broke");
    List<String> events = events(later.get());
    assertEquals("the model broke", json(events.getLast()).at("/error/message").asText());
    assertFalse(events.contains("[DONE]"));
  }

  @Test
  void failureAfterKeepAlivesBreaksTheConnectionOff() throws Exception {
    try (Socket socket = server.chatSocket(body(""))) {
      var reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      var led = server.model.next().start();
      readUntil(reader, "HTTP/1.1 200");
      led.fail("the model broke");
      String rest = reader.readAllAsString();
      assertFalse(rest.contains("0\r\n\r\n"), rest); // the chunk that would say: that was all
    }
  }

  @Test
  void moreThanTheQueueHoldsIsUnavailableAndHealthStillAnswers() throws Exception {
    var first = server.chatLater(body(""));
    var second = server.chatLater(body(""));
    var one = server.model.next();
    var two = server.model.next();
    Reply refused = server.chat(body(""));
    assertEquals(503, refused.status());
    assertEquals("engine_overloaded", refused.error().get("code").asText());
    assertEquals("2", refused.header("retry-after"));
    assertEquals(200, server.get("/health/live").status());
    assertEquals(200, server.get("/health/ready").status());
    one.start().finish(FinishReason.STOP, 0, 0);
    two.start().finish(FinishReason.STOP, 0, 0);
    assertEquals(200, first.get().status());
    assertEquals(200, second.get().status());
    var third = server.chatLater(body(""));
    server.model.next().start().finish(FinishReason.STOP, 0, 0);
    assertEquals(200, third.get().status());
  }

  @Test
  void endingServerFinishesWhatItBeganAndTakesNoMore() throws Exception {
    var later = server.chatLater(body(""));
    var led = server.model.next().start();
    server.serving.end();
    Reply refused = server.chat(body(""));
    assertEquals(503, refused.status());
    assertEquals("server_ending", refused.error().get("code").asText());
    assertEquals(503, server.get("/health/ready").status());
    assertEquals(200, server.get("/health/live").status());
    led.say("done").finish(FinishReason.STOP, 0, 1);
    assertEquals(200, later.get().status());
    assertNull(refused.error().get("param").textValue());
  }
}
