package dev.burhan.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.Service;
import dev.burhan.engine.Tally;
import dev.burhan.engine.Tally.Check;
import dev.burhan.engine.Tally.Count;
import dev.burhan.engine.Tally.Opinion;
import dev.burhan.server.TestServer.Reply;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Budgets, votes, checks, choices and what they cost, over HTTP. */
@Timeout(60)
class ReasoningTest {
  private static final Tally TALLY =
      new Tally(
          List.of(new Count("42", List.of(1, 2)), new Count("41", List.of(0))),
          List.of(3),
          OptionalInt.of(1),
          5,
          4,
          1,
          List.of(new Check(1, "42", Opinion.RIGHT)));

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

  private static JsonNode json(String text) throws Exception {
    return new JsonMapper().readTree(text);
  }

  private static List<JsonNode> events(Reply reply) throws Exception {
    List<JsonNode> events = new ArrayList<>();
    for (String block : reply.body().split("\n\n")) {
      if (block.startsWith("data: {")) {
        events.add(json(block.substring(6)));
      }
    }
    return events;
  }

  @Test
  void whatIsAskedForReachesTheEngineWithTheConversation() throws Exception {
    var later =
        server.chatLater(
            body(
                ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":99},\"votes\":5,"
                    + "\"verify\":true,\"priority\":2,\"timeout\":30,\"user\":\"u1\""));
    var led = server.model.next();
    assertEquals(new Reasoning(OptionalInt.of(99), 5, true), led.request.reasoning());
    assertEquals(new Service(2, Optional.of(Duration.ofSeconds(30)), "u1"), led.request.service());
    assertEquals(
        "Hi", led.request.conversation().orElseThrow().messages().getLast().get("content"));
    led.start().finish(FinishReason.STOP, 0, 0);
    assertEquals(200, later.get().status());
  }

  @Test
  void theTallyStandsInBurhansOwnObject() throws Exception {
    var later = server.chatLater(body(",\"votes\":5"));
    server
        .model
        .next()
        .start()
        .vote(TALLY)
        .say("It is 42")
        .finish(FinishReason.STOP, new Usage(9, 30, 20, 0, 0, 4), TALLY);
    JsonNode whole = later.get().json();
    assertEquals("It is 42", whole.at("/choices/0/message/content").asText());
    assertEquals(
        json(
            "{\"answers\":[{\"answer\":\"42\",\"samples\":[1,2]},{\"answer\":\"41\",\"samples\":[0]}],"
                + "\"undecided\":[3],\"chosen\":1,\"started\":5,\"finished\":4,\"cancelled\":1,"
                + "\"checks\":[{\"sample\":1,\"answer\":\"42\",\"opinion\":\"right\"}]}"),
        whole.at("/burhan/tally"));
  }

  @Test
  void usageTellsThoughtAndCache() throws Exception {
    var later = server.chatLater(body(",\"votes\":5"));
    server.model.next().start().finish(FinishReason.STOP, new Usage(9, 30, 20, 0, 0, 4), TALLY);
    assertEquals(
        json(
            "{\"prompt_tokens\":9,\"completion_tokens\":50,\"total_tokens\":59,"
                + "\"prompt_cache_hit_tokens\":4,\"prompt_cache_miss_tokens\":5,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":4},"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":30}}"),
        later.get().json().get("usage"));
  }

  @Test
  void anAnswerThatWasNotWeighedHasNoTally() throws Exception {
    var later = server.chatLater(body(""));
    server.model.next().start().say("Hi").finish(FinishReason.STOP, 0, 1);
    assertFalse(later.get().json().has("burhan"));
  }

  @Test
  void aStreamIsKeptAliveWhileVotesRunAndTheDeltasComeAfterTheDecision() throws Exception {
    try (Socket socket = server.chatSocket(body(",\"stream\":true,\"votes\":5"))) {
      var reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      var led = server.model.next().start().vote(TALLY);
      readUntil(reader, ": keep-alive");
      led.vote(TALLY);
      readUntil(reader, ": keep-alive");
      led.think("hm").say("It is 42").finish(FinishReason.STOP, new Usage(9, 3, 2), TALLY);
      readUntil(reader, "\"reasoning_content\":\"hm\"");
      readUntil(reader, "It is 42");
      assertTrue(readUntil(reader, "\"finish_reason\":\"stop\"").contains("\"chosen\":1"));
      readUntil(reader, "data: [DONE]");
    }
  }

  private static String readUntil(BufferedReader reader, String part) throws Exception {
    String line;
    do {
      line = reader.readLine();
      assertTrue(line != null, "the stream ended before '" + part + "'");
    } while (!line.contains(part));
    return line;
  }

  @Test
  void choicesHaveSeedsOfTheirOwnAndBeginOnceTheFirstOnesPromptIsComputed() throws Exception {
    var later = server.chatLater(body(",\"n\":3,\"seed\":7"));
    var first = server.model.next().start();
    first.say("A");
    var second = server.model.next();
    var third = server.model.next();
    assertEquals(7, first.request.sampling().seed());
    assertEquals(8, second.request.sampling().seed());
    assertEquals(9, third.request.sampling().seed());
    third.start().think("hm").say("C").finish(FinishReason.LENGTH, 2, 1);
    second.start().say("B").finish(FinishReason.STOP, 0, 1);
    first.finish(FinishReason.STOP, 0, 1);
    JsonNode whole = later.get().json();
    assertEquals(3, whole.get("choices").size());
    for (int i = 0; i < 3; i++) {
      JsonNode choice = whole.get("choices").get(i);
      assertEquals(i, choice.get("index").asInt());
      assertEquals("ABC".substring(i, i + 1), choice.at("/message/content").asText());
    }
    assertEquals("length", whole.at("/choices/2/finish_reason").asText());
    assertEquals("hm", whole.at("/choices/2/message/reasoning_content").asText());
    assertEquals("user: Hi\n".length(), whole.at("/usage/prompt_tokens").asInt());
    assertEquals(5, whole.at("/usage/completion_tokens").asInt());
  }

  @Test
  void choicesStreamBesideOneAnother() throws Exception {
    var later =
        server.chatLater(
            body(",\"n\":2,\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
    var first = server.model.next().start().say("A1");
    var second = server.model.next().start().say("B1");
    first.say("A2").finish(FinishReason.STOP, 0, 2);
    second.say("B2").finish(FinishReason.STOP, 0, 2);
    Reply reply = later.get();
    StringBuilder[] texts = {new StringBuilder(), new StringBuilder()};
    int ends = 0;
    int usages = 0;
    for (JsonNode event : events(reply)) {
      for (JsonNode choice : event.get("choices")) {
        texts[choice.get("index").asInt()].append(choice.at("/delta/content").asText(""));
        ends += choice.get("finish_reason").isNull() ? 0 : 1;
      }
      usages += event.get("usage").isNull() ? 0 : 1;
    }
    assertEquals("A1A2", texts[0].toString());
    assertEquals("B1B2", texts[1].toString());
    assertEquals(2, ends);
    assertEquals(1, usages);
    assertEquals(1, reply.body().split("\\[DONE]", -1).length - 1);
  }

  @Test
  void aClientThatLeavesCancelsAllItsChoices() throws Exception {
    HandModel.Led first;
    HandModel.Led second;
    try (Socket socket = server.chatSocket(body(",\"n\":2,\"stream\":true"))) {
      first = server.model.next().start().say("A");
      second = server.model.next();
      assertTrue(socket.getInputStream().read() >= 0);
    }
    assertTrue(first.wasCancelled() && second.wasCancelled());
  }

  @Test
  void aChoiceThatFailsFailsTheCompletion() throws Exception {
    var later = server.chatLater(body(",\"n\":2,\"stream\":true"));
    server.model.next().start().say("A").finish(FinishReason.STOP, 0, 1);
    server.model.next().fail("the model broke");
    List<JsonNode> events = events(later.get());
    assertEquals("the model broke", events.getLast().at("/error/message").asText());
  }
}
