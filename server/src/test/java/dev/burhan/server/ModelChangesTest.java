package dev.burhan.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.engine.EngineEvent.Change;
import dev.burhan.engine.EngineEvent.Failed;
import dev.burhan.engine.EngineEvent.Replaced;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.provider.BurhanException;
import dev.burhan.server.HandModel.Led;
import dev.burhan.server.TestServer.Reply;
import dev.burhan.server.meters.PrometheusRules;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Models that come and go while requests run. */
@Timeout(60)
class ModelChangesTest {
  private TestServer server;
  private final HandModel next = new HandModel("next");

  @BeforeEach
  void start() throws Exception {
    server = TestServer.ready();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String body(String model) {
    return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
        .formatted(model);
  }

  private Reply change(String what, String json) throws Exception {
    return server.send(server.postRequest("/admin/models/" + what, json));
  }

  private CompletableFuture<Reply> changeLater(String what, String json) {
    return server.later(server.postRequest("/admin/models/" + what, json));
  }

  private List<String> models() throws Exception {
    List<String> ids = new ArrayList<>();
    server.get("/v1/models").json().get("data").forEach(one -> ids.add(one.get("id").asText()));
    return ids;
  }

  /** The model's state as an operator sees it; empty if it is not in memory. */
  private List<String> states() throws Exception {
    List<String> states = new ArrayList<>();
    for (JsonNode one : server.get("/admin/models").json().get("models")) {
      states.add(one.get("name").asText() + " " + one.get("state").asText());
    }
    return states;
  }

  private void awaitStates(String... expected) throws Exception {
    while (!states().equals(List.of(expected))) {
      Thread.onSpinWait();
    }
  }

  private static void assertSays(String expected, CompletableFuture<Reply> reply) throws Exception {
    assertEquals(200, reply.get().status(), reply.get()::body);
    assertEquals(
        expected, reply.get().json().at("/choices/0/message/content").asText(), reply.get()::body);
  }

  private static void assertError(int status, String code, Reply reply) {
    assertEquals(status, reply.status(), reply.body());
    assertEquals(code, reply.error().get("code").asText());
  }

  private static void finish(Led led, String text) {
    led.start().say(text).finish(FinishReason.STOP, 0, 1);
  }

  @Test
  void aLoadedModelIsServedBesideTheOthersOnceItIsReady() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    server.loads.add(
        () -> {
          await(read);
          return next;
        });
    var loading = changeLater("load", "{\"model\":\"file\",\"name\":\"next\",\"kv_type\":\"f16\"}");
    Reply early;
    do {
      early = server.chat(body("next")); // 404 until loading has begun
    } while (early.status() == 404);
    assertError(503, "model_loading", early);
    assertEquals(List.of("hand"), models());
    read.countDown();
    assertEquals("{\"name\":\"next\",\"backend\":\"hand\"}", loading.get().body());
    assertEquals(List.of("hand", "next"), models());
    var one = server.chatLater(body("hand"));
    var other = server.chatLater(body("next"));
    finish(server.model.next(), "one");
    finish(next.next(), "other");
    assertSays("one", one);
    assertSays("other", other);
    assertError(409, "model_exists", change("load", "{\"model\":\"file\",\"name\":\"next\"}"));
    var page = PrometheusRules.check(server.get("/metrics").body());
    assertTrue(page.containsKey("burhan_requests_running{model_name=\"hand\"}"));
    assertTrue(page.containsKey("burhan_requests_running{model_name=\"next\"}"));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aModelThatCannotBeLoadedIsToldAndChangesNothing() throws Exception {
    server.loads.add(
        () -> {
          throw new BurhanException("next does not fit beside what is loaded");
        });
    Reply refused = change("load", "{\"model\":\"next\"}");
    assertError(500, "internal_error", refused);
    assertTrue(refused.body().contains("does not fit beside"), refused.body());
    assertEquals(List.of("hand serving"), states());
    assertError(404, "model_not_found", server.chat(body("next")));
  }

  @Test
  void anUnloadedModelTakesNoRequestAndEndsThoseThatRun() throws Exception {
    var running = server.chatLater(body("hand"));
    Led led = server.model.next().start();
    var unloading = changeLater("unload", "{\"name\":\"hand\"}");
    awaitStates("hand leaving");
    assertError(404, "model_not_found", server.chat(body("hand")));
    assertEquals("empty", server.get("/health/ready").json().get("status").asText());
    assertFalse(server.model.isClosed());
    finish(led, "done");
    assertSays("done", running);
    assertEquals("{\"name\":\"hand\",\"broken_off\":0}", unloading.get().body());
    assertTrue(server.model.isClosed());
    assertEquals(List.of(), states());
    assertFalse(server.get("/metrics").body().contains("model_name"));
    assertError(404, "model_not_found", change("unload", "{\"name\":\"hand\"}"));
  }

  @Test
  void whatDoesNotEndInTimeIsBrokenOffWithAnErrorThatSaysSo() throws Exception {
    var running = server.chatLater(body("hand").replace("}]}", "}],\"stream\":true}"));
    server.model.next().start().say("I begin");
    var whole = server.chatLater(body("hand"));
    server.model.next();
    Reply unloaded = change("unload", "{\"name\":\"hand\",\"drain\":0}");
    assertEquals("{\"name\":\"hand\",\"broken_off\":2}", unloaded.body());
    String stream = running.get().body();
    assertTrue(stream.contains("\"code\":\"model_unloaded\""), stream);
    assertFalse(stream.contains("[DONE]"), stream);
    try {
      assertError(503, "model_unloaded", whole.get());
    } catch (java.util.concurrent.ExecutionException e) {
      // empty lines were sent already: the connection is broken off
    }
  }

  @Test
  void aReplacedModelServesUntilTheNextOneIsReadyAndThenEndsWhatItHas() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    server.loads.add(
        () -> {
          await(read);
          return next;
        });
    var running = server.chatLater(body("hand"));
    Led led = server.model.next().start();
    var replacing = changeLater("replace", "{\"name\":\"hand\",\"model\":\"newer\"}");
    var meanwhile = server.chatLater(body("hand"));
    finish(server.model.next(), "old");
    assertSays("old", meanwhile);
    read.countDown();
    awaitStates("hand serving", "hand leaving");
    assertError(409, "model_changing", change("unload", "{\"name\":\"hand\"}"));
    var later = server.chatLater(body("hand"));
    finish(next.next(), "new");
    assertSays("new", later);
    assertFalse(server.model.isClosed());
    finish(led, "still old");
    assertSays("still old", running);
    assertEquals(
        "{\"name\":\"hand\",\"backend\":\"hand\",\"broken_off\":0}", replacing.get().body());
    assertTrue(server.model.isClosed());
    assertEquals(new Replaced("hand", "hand", "newer"), server.told.take());
    assertTrue(server.get("/metrics").body().contains("model_name=\"hand\""));
  }

  @Test
  void theOldModelServesOnWhereTheNewOneCannotBeLoaded() throws Exception {
    server.loads.add(
        () -> {
          throw new BurhanException("there is no such file");
        });
    Reply refused = change("replace", "{\"name\":\"hand\",\"model\":\"none\"}");
    assertError(500, "internal_error", refused);
    assertEquals(new Failed("hand", Change.REPLACE, "there is no such file"), server.told.take());
    var chat = server.chatLater(body("hand"));
    finish(server.model.next(), "old");
    assertSays("old", chat);
  }

  @Test
  void inPlaceTheOldModelGoesFirstAndComesBackIfTheNewOneCannotBeLoaded() throws Exception {
    HandModel again = new HandModel("again");
    CountDownLatch read = new CountDownLatch(1);
    server.loads.add(
        () -> {
          await(read);
          throw new BurhanException("the file is damaged");
        });
    server.loads.add(() -> again);
    var replacing =
        changeLater("replace", "{\"name\":\"hand\",\"model\":\"bad\",\"in_place\":true}");
    awaitStates();
    assertTrue(server.model.isClosed());
    assertError(503, "model_loading", server.chat(body("hand")));
    read.countDown();
    assertError(500, "internal_error", replacing.get());
    var chat = server.chatLater(body("hand"));
    finish(again.next(), "again");
    assertSays("again", chat);
    server.loads.add(() -> next);
    assertEquals(
        200, change("replace", "{\"name\":\"hand\",\"in_place\":true,\"context\":64}").status());
    assertTrue(again.isClosed());
    assertEquals(List.of("hand serving"), states());
  }

  @Test
  void wrongQuestionsAreRefusedBeforeAnythingIsDone() throws Exception {
    assertError(400, "missing_required_parameter", change("load", "{}"));
    assertError(400, "unknown_parameter", change("load", "{\"model\":\"m\",\"modle\":1}"));
    assertError(400, "invalid_type", change("load", "{\"model\":\"m\",\"context\":true}"));
    assertError(400, "invalid_value", change("load", "{\"model\":\"m\",\"context\":0}"));
    assertError(400, "missing_required_parameter", change("unload", "{}"));
    assertError(400, "invalid_value", change("unload", "{\"name\":\"hand\",\"drain\":-1}"));
    assertError(
        400,
        "invalid_value",
        change("replace", "{\"name\":\"hand\",\"in_place\":true,\"threads\":0}"));
    assertError(404, "model_not_found", change("replace", "{\"name\":\"none\"}"));
    assertError(404, "unknown_url", change("forget", "{}"));
    assertError(404, "unknown_url", server.get("/admin/models/load"));
    Reply page =
        server.send(
            server.request("/admin/models").header("Origin", "http://evil.example").build());
    assertError(403, "origin_not_allowed", page);
    assertEquals(List.of("hand serving"), states());
  }

  @Test
  void theBackendThatIsMeantIsNamedWhereThereAreSeveralModels() throws Exception {
    server.loads.add(() -> next);
    change("load", "{\"model\":\"next\"}");
    Reply which = server.send(server.postRequest("/admin/backend", "{\"backend\":\"x\"}"));
    assertError(400, "invalid_value", which);
    Reply none =
        server.send(server.postRequest("/admin/backend", "{\"backend\":\"x\",\"name\":\"no\"}"));
    assertError(404, "model_not_found", none);
  }
}
