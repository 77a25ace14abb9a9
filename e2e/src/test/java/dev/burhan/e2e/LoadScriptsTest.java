package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts under {@code bench/load} against a server; how fast it is does not matter here. */
class LoadScriptsTest {
  @TempDir Path temp;

  private static Path script(String name) {
    return Places.root().resolve("bench/load").resolve(name);
  }

  @BeforeEach
  void needPython() throws Exception {
    Needs.check(
        new ProcessBuilder("python3", "-c", "import asyncio").start().waitFor() == 0,
        "python3 is missing: the load scripts are Python");
  }

  @Test
  void generatorReportsWhatTheServerCounted() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1())) {
      Object[] command = {
        script("generate"),
        "--url",
        served.url(),
        "--rate",
        "5",
        "--seconds",
        "2",
        "--prompt-words",
        "3",
        "--max-tokens",
        "4",
        "--concurrency",
        "3",
        "--seed",
        "7",
        "--json"
      };
      JsonNode told = new JsonMapper().readTree(new Shell().run(command).exitsWith(0).out());
      int requests = told.get("requests").asInt();
      assertTrue(requests > 0, told::toString);
      assertEquals(requests, told.get("answered").asInt(), told::toString);
      assertEquals(0, told.get("errors").size(), told::toString);
      assertEquals("smollm2", told.get("model").asText());
      for (String times : new String[] {"time_to_first_token_seconds", "between_tokens_seconds"}) {
        double p50 = told.get(times).get("p50").asDouble();
        double p99 = told.get(times).get("p99").asDouble();
        assertTrue(p50 >= 0 && p99 >= p50, told::toString);
      }
      JsonNode again = new JsonMapper().readTree(new Shell().run(command).exitsWith(0).out());
      assertEquals(requests, again.get("requests").asInt(), "one seed, one load");
      assertTrue(
          served
              .get("/metrics")
              .body()
              .contains(
                  "burhan_requests_total{model_name=\"smollm2\",reason=\"length\"} "
                      + 2 * requests),
          "the server counted them all");
    }
  }

  @Test
  void generatorLoadsThisMachineOnly() throws Exception {
    new Shell()
        .run(script("generate"), "--url", "http://192.0.2.1:80")
        .exitsWith(1)
        .saysOneLine()
        .says("expected a server on this machine");
  }

  @Test
  void soakReadsMemoryAndPages() throws Exception {
    try (Served served = Served.start(temp, Places.tinyR1())) {
      var soak =
          new Shell()
              .run(
                  script("soak"),
                  "--url",
                  served.url(),
                  "--minutes",
                  "0.05",
                  "--interval",
                  "1",
                  "--sequences",
                  "2",
                  "--max-tokens",
                  "4");
      assertTrue(soak.out().contains("MiB  pages held "), soak.out() + soak.err());
      assertTrue(soak.out().contains("pages held when nothing runs: 0: flat"), soak.out());
      assertTrue(soak.out().contains(" answered, "), soak.out());
    }
  }
}
