package dev.burhan.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.server.TestServer.Reply;
import dev.burhan.server.meters.PrometheusRules;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EndpointsTest {
  private static final String BODY =
      "{\"model\":\"hand\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

  private static void assertOpenAiError(int status, String code, Reply reply) {
    assertEquals(status, reply.status(), reply.body());
    assertEquals("application/json", reply.header("content-type"));
    Set<String> names = new TreeSet<>();
    reply.error().fieldNames().forEachRemaining(names::add);
    assertEquals(Set.of("message", "type", "param", "code"), names);
    assertEquals(code, reply.error().get("code").asText());
  }

  @Test
  void modelsListsTheOneThatIsServed() throws Exception {
    try (TestServer server = TestServer.ready()) {
      Reply list = server.get("/v1/models");
      assertEquals(200, list.status());
      assertEquals("list", list.json().get("object").asText());
      JsonNode model = list.json().get("data").get(0);
      assertEquals("hand", model.get("id").asText());
      assertEquals("model", model.get("object").asText());
      assertEquals(model, server.get("/v1/models/hand").json());
      assertOpenAiError(404, "model_not_found", server.get("/v1/models/other"));
    }
  }

  @Test
  void notReadyUntilTheModelIsLoaded() throws Exception {
    try (TestServer server = new TestServer()) {
      assertEquals(200, server.get("/health/live").status());
      assertEquals(503, server.get("/health/ready").status());
      assertEquals("loading", server.get("/health/ready").json().get("status").asText());
      Reply early = server.chat(BODY);
      assertOpenAiError(503, "model_loading", early);
      assertEquals("2", early.header("retry-after"));
      assertOpenAiError(503, "model_loading", server.get("/v1/models"));
      server.load();
      assertEquals(200, server.get("/health/ready").status());
    }
  }

  @Test
  void metricsAreServedBeforeAndAfterTheModelIsThere() throws Exception {
    try (TestServer server = new TestServer()) {
      Reply early = server.get("/metrics");
      assertEquals(200, early.status());
      assertEquals("text/plain; version=0.0.4; charset=utf-8", early.header("content-type"));
      PrometheusRules.check(early.body());
      server.load();
      assertTrue(
          PrometheusRules.check(server.get("/metrics").body())
              .containsKey("burhan_requests_running{model_name=\"hand\"}"));
    }
  }

  @Test
  void metricsAreNotForPagesOfOtherSites() throws Exception {
    try (TestServer server = TestServer.ready()) {
      Reply other =
          server.send(server.request("/metrics").header("Origin", "http://evil.example").build());
      assertOpenAiError(403, "origin_not_allowed", other);
    }
  }

  @Test
  void unknownUrlIsNotFound() throws Exception {
    try (TestServer server = TestServer.ready()) {
      assertOpenAiError(404, "unknown_url", server.get("/v1/embeddings"));
      assertOpenAiError(404, "unknown_url", server.get("/"));
    }
  }

  @Test
  void otherMethodsAreNotAllowedAndTold() throws Exception {
    try (TestServer server = TestServer.ready()) {
      Reply get = server.get("/v1/chat/completions");
      assertOpenAiError(405, "method_not_allowed", get);
      assertEquals("POST", get.header("allow"));
      Reply options =
          server.send(
              server
                  .request("/v1/chat/completions")
                  .header("Origin", "http://evil.example")
                  .method("OPTIONS", BodyPublishers.noBody())
                  .build());
      assertOpenAiError(405, "method_not_allowed", options);
      assertTrue(
          options.response().headers().map().keySet().stream()
              .noneMatch(name -> name.startsWith("access-control")));
      Reply delete = server.send(server.request("/v1/models/hand").DELETE().build());
      assertEquals("GET, HEAD", delete.header("allow"));
    }
  }

  @Test
  void aRefusalBeforeTheBodyWasReadEndsTheConnectionAndSaysSo() throws Exception {
    try (TestServer server = TestServer.ready()) {
      for (int round = 0; round < 50; round++) {
        Reply refused =
            server.send(
                server
                    .request("/v1/chat/completions")
                    .header("Content-Type", "text/plain")
                    .POST(BodyPublishers.ofString(BODY))
                    .build());
        assertOpenAiError(415, "unsupported_media_type", refused);
        assertEquals("close", refused.header("connection"));
      }
      Reply wrong = server.chat("{}"); // read to its end: the connection stays
      assertEquals(400, wrong.status());
      assertTrue(wrong.response().headers().firstValue("connection").isEmpty());
    }
  }

  @Test
  void bodyMustBeJsonByItsType() throws Exception {
    try (TestServer server = TestServer.ready()) {
      for (String type :
          new String[] {"text/plain", "application/json; charset=latin1", "application/jsonp"}) {
        assertOpenAiError(
            415,
            "unsupported_media_type",
            server.send(
                server
                    .request("/v1/chat/completions")
                    .header("Content-Type", type)
                    .POST(BodyPublishers.ofString(BODY))
                    .build()));
      }
      assertOpenAiError(
          415,
          "unsupported_media_type",
          server.send(
              server
                  .request("/v1/chat/completions")
                  .header("Content-Type", "application/json")
                  .header("Content-Encoding", "gzip")
                  .POST(BodyPublishers.ofString(BODY))
                  .build()));
      assertTrue(server.model.nothingAsked());
    }
  }

  @Test
  void largeBodiesAreRefusedWithAndWithoutALength() throws Exception {
    byte[] large = new byte[TestServer.BODY_BYTES + 1];
    try (TestServer server = TestServer.ready()) {
      assertOpenAiError(413, "request_too_large", server.chat(new String(large)));
      assertOpenAiError(
          413,
          "request_too_large",
          server.send(
              server
                  .request("/v1/chat/completions")
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
                  .build()));
    }
  }

  @Test
  void malformedJsonIsToldWithItsPosition() throws Exception {
    try (TestServer server = TestServer.ready()) {
      Reply reply = server.chat("{\"model\":\"hand\",\n \"messages\": [}");
      assertOpenAiError(400, "invalid_json", reply);
      assertTrue(reply.error().get("message").asText().contains("line 2, column 15"), reply.body());
      for (String body :
          new String[] {"", "[]", "null", "{} x", "{\"n\":1,\"n\":1}", "{\"a\":NaN}"}) {
        assertOpenAiError(400, "invalid_json", server.chat(body));
      }
      assertOpenAiError(
          400,
          "invalid_json",
          server.send(
              server
                  .request("/v1/chat/completions")
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofByteArray(new byte[] {'{', '"', (byte) 0xff, '"', ':'}))
                  .build()));
      assertOpenAiError(400, "invalid_json", server.chat("[".repeat(2000)));
    }
  }
}
