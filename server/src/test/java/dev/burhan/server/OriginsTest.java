package dev.burhan.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginsTest {

  private static boolean allowed(String origin, String host, boolean loopback) {
    Map<String, String> headers = Map.of("Origin", origin, "Host", host);
    var request =
        (HttpServletRequest)
            Proxy.newProxyInstance(
                OriginsTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> headers.get((String) arguments[0]));
    try {
      Origins.check(request, loopback);
      return true;
    } catch (ApiError e) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:8080, localhost:8080, true",
    "http://127.0.0.1:8080, 127.0.0.1:8080, true",
    "http://[::1]:8080, [::1]:8080, true",
    "http://127.0.0.1:3000, 127.0.0.1:8080, false",
    "http://evil.example, 127.0.0.1:8080, false",
    "http://evil.example:8080, evil.example:8080, false",
    "http://127.evil.example:8080, 127.evil.example:8080, false",
    "null, 127.0.0.1:8080, false",
    "::, 127.0.0.1:8080, false",
  })
  void onLoopbackOnlyItsOwnPagesMayAsk(String origin, String host, boolean allowed) {
    assertEquals(allowed, allowed(origin, host, true));
  }

  @ParameterizedTest
  @CsvSource({
    "http://box.example:8080, box.example:8080, true",
    "http://evil.example, box.example:8080, false",
  })
  void elsewhereOnlyPagesOfTheSameHostMayAsk(String origin, String host, boolean allowed) {
    assertEquals(allowed, allowed(origin, host, false));
  }

  @Test
  void pageOfAnotherSiteIsForbiddenToChat() throws Exception {
    try (TestServer server = TestServer.ready()) {
      var reply =
          server.send(
              server
                  .request("/v1/chat/completions")
                  .header("Content-Type", "application/json")
                  .header("Origin", "http://evil.example")
                  .POST(BodyPublishers.ofString("{}"))
                  .build());
      assertEquals(403, reply.status());
      assertEquals("origin_not_allowed", reply.error().get("code").asText());
      assertTrue(server.model.nothingAsked());
    }
  }
}
