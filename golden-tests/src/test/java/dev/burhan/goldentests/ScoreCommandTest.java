package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.burhan.kernel.command.ScoreCommand;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.Host;
import dev.burhan.provider.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code burhan score} against references. */
class ScoreCommandTest {
  @TempDir Path temp;
  private final Host host = new FlatHost();

  private String score(String lines) throws Exception {
    Path file = Files.writeString(temp.resolve("texts.jsonl"), lines);
    RecordedIo io = new RecordedIo();
    Path model = References.folder().resolve("models/qwen2_tied/f32");
    new ScoreCommand()
        .run(RecordedIo.arguments("model=" + model, "in=" + file, "backend=oracle"), io, host);
    return io.output();
  }

  @Test
  void eachTokensLogProbabilityIsTheReferences() throws Exception {
    Path folder = References.folder().resolve("models/qwen2_tied/f32");
    try (References references = new References(host, folder.resolve("golden.safetensors"))) {
      int[] ids = references.ids("prompt1.ids");
      float[][] logits = references.rows("prompt1.logits");
      String text = Arrays.toString(ids);
      String told =
          score(
              "{\"tokens\":%s}\n\n{\"tokens\":%s,\"prompt\":%d}\n"
                  .formatted(text, text, ids.length / 2));
      assertEquals(2, told.lines().count());
      for (String line : told.lines().toList()) {
        JsonNode array = new JsonMapper().readTree(line);
        assertEquals(ids.length, array.size());
        assertTrue(array.get(0).isNull());
        for (int i = 1; i < ids.length; i++) {
          double sum = 0;
          for (float logit : logits[i - 1]) {
            sum += Math.exp(logit);
          }
          double expected = logits[i - 1][ids[i]] - Math.log(sum);
          assertEquals(expected, array.get(i).asDouble(), 1e-4, "token " + i);
        }
      }
    }
  }

  @Test
  void lineThatIsNoTextIsNamed() {
    for (String line : new String[] {"[1,2]", "{\"tokens\":[1,\"a\"]}", "{\"text\":\"a\"}", "{"}) {
      String said =
          assertThrows(UsageException.class, () -> score("{\"tokens\":[1,2]}\n" + line))
              .getMessage();
      assertTrue(said.contains("texts.jsonl, line 2"), said);
    }
  }
}
