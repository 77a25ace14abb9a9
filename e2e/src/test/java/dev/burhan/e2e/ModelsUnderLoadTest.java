package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are loaded, replaced and unloaded in a running server while answers stream. */
class ModelsUnderLoadTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path temp;

  private static Path burhan() {
    return Places.distribution().resolve("bin/burhan");
  }

  /** A stream that goes on for longer than any of these tests. */
  private static String endless(String model) {
    return chat(model)
        .replace(
            "}]}",
            "}],\"temperature\":0,\"logit_bias\":{\"2\":-100},\"max_tokens\":8000,\"stream\":true}");
  }

  private static String chat(String model) {
    return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Count to 9.\"}]}"
        .formatted(model);
  }

  private static HttpResponse<String> ask(Served served, String model) throws Exception {
    return served.chat(chat(model).replace("}]}", "}],\"max_tokens\":2}"));
  }

  private static Shell.Result run(Served served, Object... command) {
    var all = new ArrayList<Object>(List.of(burhan()));
    all.addAll(List.of(command));
    all.addAll(List.of("--url", served.url()));
    try {
      return new Shell().run(all.toArray());
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  /** Name, state and context of each model in memory. */
  private static Set<String> models(Served served) throws Exception {
    var models = new HashSet<String>();
    for (JsonNode one : JSON.readTree(served.get("/admin/models").body()).get("models")) {
      models.add(
          "%s %s %d"
              .formatted(
                  one.get("name").asText(), one.get("state").asText(), one.get("context").asInt()));
    }
    return models;
  }

  @Test
  void modelsComeAndGoWhileAnswersStream() throws Exception {
    Path file = Needs.smolLm2();
    CompletableFuture<Shell.Result> replacing;
    try (Served served = Served.start(temp, file, "--context", "8192", "--sequences", "2")) {
      try (var stream = served.stream(endless("smollm2"))) {
        stream.readUntil("\"content\":\"\"");
        Shell.Result loaded = run(served, "load", file, "--name", "second", "--context", "7000");
        assertTrue(loaded.exitsWith(0).out().startsWith("{\"name\":\"second\","), loaded.out());
        stream.readUntil("\"content\":\"");
        assertEquals(200, ask(served, "second").statusCode());
        run(served, "load", file, "--name", "second").exitsWith(1).says("already");
        run(served, "replace", "smollm2", temp.resolve("none.gguf")).exitsWith(1).says("none.gguf");
        stream.readUntil("\"content\":\"");
        replacing =
            CompletableFuture.supplyAsync(
                () -> run(served, "replace", "smollm2", "--context", "512"));
        var both = Set.of("second serving 7000", "smollm2 serving 512", "smollm2 leaving 8192");
        while (!models(served).equals(both)) {
          stream.readUntil("\"content\":\"");
          assertFalse(replacing.isDone(), () -> replacing.join().err());
        }
        assertEquals(200, ask(served, "smollm2").statusCode());
        for (int i = 0; i < 20; i++) {
          stream.readUntil("\"content\":\"");
        }
      } // the old one's last answer
      assertTrue(replacing.get().exitsWith(0).out().endsWith("\"broken_off\":0}\n"));
      assertEquals(Set.of("second serving 7000", "smollm2 serving 512"), models(served));
    }
  }

  @Test
  void anUnloadedModelsLastAnswersAreBrokenOffAtTheDrainLimit() throws Exception {
    try (Served served = Served.start(temp, Needs.smolLm2(), "--context", "8192");
        var stream = served.stream(endless("smollm2"))) {
      stream.readUntil("\"content\":\"\"");
      Shell.Result unloaded = run(served, "unload", "smollm2", "--drain", "0");
      assertEquals("{\"name\":\"smollm2\",\"broken_off\":1}\n", unloaded.exitsWith(0).out());
      stream.readUntil("\"code\":\"model_unloaded\"");
      assertEquals(404, ask(served, "smollm2").statusCode());
      assertEquals(503, served.get("/health/ready").statusCode());
      run(served, "load", Needs.smolLm2(), "--name", "smollm2").exitsWith(0);
      assertEquals(200, ask(served, "smollm2").statusCode());
      assertEquals(0, served.terminate());
    }
  }

  @Test
  void anAnswerGoesOnWhenTheBundleOfItsGraphIsUpdatedStoppedAndStarted() throws Exception {
    Path file = Needs.smolLm2();
    String bundle = "dev.burhan.model-distill";
    try (Served served = Served.start(temp, file, "--context", "8192", "--shell");
        var stream = served.stream(endless("smollm2"))) {
      stream.readUntil("\"content\":\"\"");
      served.type("lb -s " + bundle);
      String id = served.shownUntil("|" + bundle).split("\\|")[0].strip();
      served.type("update " + id);
      awaitNewGraphs(served, stream, 1);
      served.type("stop %s; burhan:load '%s' --name second".formatted(id, file));
      String refused = served.shownUntil("no bundle knows the architecture 'llama'");
      assertTrue(refused.contains("burhan: "), refused);
      for (int i = 0; i < 5; i++) {
        stream.readUntil("\"content\":\"");
      }
      served.type("start " + id);
      awaitNewGraphs(served, stream, 2);
      served.type("burhan:load '%s' --name second --context 512".formatted(file));
      served.shownUntil("{\"name\":\"second\"");
      stream.readUntil("\"content\":\"");
      assertEquals(200, ask(served, "second").statusCode());
      assertFalse(served.log().contains("ERROR"), served.log());
    }
  }

  private static void awaitNewGraphs(Served served, Served.Stream stream, int count)
      throws Exception {
    while (served.log().split("goes on with its graph written anew", -1).length <= count) {
      stream.readUntil("\"content\":\"");
    }
    stream.readUntil("\"content\":\"");
  }
}
