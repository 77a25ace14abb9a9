package dev.burhan.kernel.perplexity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.command.Command;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.kernel.engine.ScriptedModel;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerplexityCommandTest {
  private static final String LETTERS = "abcdefgh";
  private static final String TEXT = "hgabcdefghabcceghabdfhacegbd"; // 28 letters

  @TempDir Path folder;
  private final RecordedIo io = new RecordedIo();
  private Path file;
  private Path text;
  private ScriptedModel model;

  @BeforeEach
  void makeModel() throws IOException {
    file = Files.createFile(folder.resolve("model"));
    text = Files.writeString(folder.resolve("text"), TEXT + "\n");
    model = new ScriptedModel(file, LETTERS.split(""));
  }

  private int run(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("model=" + file, "file=" + text, "backend=oracle", "threads=1", "--json"));
    return new PerplexityCommand()
        .run(RecordedIo.arguments(all.toArray(String[]::new)), io, model.host());
  }

  /** By the definition, straight from the model's logits. */
  private double expected(String tokens, int window, boolean begins) throws Exception {
    double sum = 0;
    int count = 0;
    LoadRequest request =
        new LoadRequest(file.toString(), Optional.of("oracle"), 1, window, Map.of());
    try (LoadedModel loaded = model.host().engine().load(request, Progress.NONE)) {
      for (int start = 0; start + window <= tokens.length(); start += window) {
        int[] ids = tokens.substring(start, start + window).chars().map(LETTERS::indexOf).toArray();
        int[] run = ids.clone();
        if (begins) {
          run[0] = 0;
        }
        List<float[]> rows = new ArrayList<>();
        loaded.score(run, (position, logits) -> rows.add(logits.clone()));
        for (int position = window / 2; position < window - 1; position++) {
          double total = 0;
          for (float logit : rows.get(position)) {
            total += Math.exp(logit);
          }
          sum -= Math.log(Math.exp(rows.get(position)[ids[position + 1]]) / total);
          count++;
        }
      }
    }
    return Math.exp(sum / count);
  }

  @Test
  void secondHalvesOfWholeWindowsAreScored() throws Exception {
    assertEquals(Command.DONE, run("context=8"));
    JsonNode json = io.json();
    assertEquals(expected(TEXT, 8, false), json.get("perplexity").asDouble(), 1e-5);
    assertEquals(3, json.get("windows").asInt());
    assertEquals(9, json.get("tokens").asInt()); // three of eight in each window
    assertEquals(28, json.get("text_tokens").asInt()); // without the line feed
    assertTrue(json.get("standard_error").asDouble() > 0);
    assertTrue(model.allClosed());
  }

  @Test
  void eachWindowBeginsWithTheTokenThatTheTokenizerAdds() throws Exception {
    model.beginningTexts();
    run("context=8");
    // The text's own beginning is a token of the first window; the others lose their first one.
    assertEquals(expected("a" + TEXT, 8, true), io.json().get("perplexity").asDouble(), 1e-5);
    assertEquals(29, io.json().get("text_tokens").asInt());
  }

  @Test
  void scoredHalfCanBeRunAsIfGenerated() throws Exception {
    run("context=8", "--generated");
    assertEquals("generated", io.json().get("phase").asText());
    // The oracle computes both phases alike.
    assertEquals(expected(TEXT, 8, false), io.json().get("perplexity").asDouble(), 1e-5);
  }

  @Test
  void windowsCanBeFewer() throws Exception {
    run("context=8", "windows=2");
    assertEquals(
        expected(TEXT.substring(0, 16), 8, false), io.json().get("perplexity").asDouble(), 1e-5);
    assertEquals(2, io.json().get("windows").asInt());
  }

  @Test
  void aPredictableTextHasALowPerplexity() throws Exception {
    Files.writeString(text, "abcdefgabcdefgabcdefg");
    run("context=8");
    double predictable = io.json().get("perplexity").asDouble();
    assertTrue(predictable < 0.7 * expected(TEXT, 8, false), "" + predictable);
  }

  @Test
  void progressIsTold() throws Exception {
    run("context=8");
    assertEquals(List.of("loading " + file, "perplexity of " + file), io.progressTexts());
  }

  @Test
  void aShortTextIsWrongUsage() {
    UsageException error = assertThrows(UsageException.class, () -> run("context=16"));
    assertTrue(error.getMessage().contains("28 tokens; expected at least"), error.getMessage());
  }

  @Test
  void whatIsNoTextIsRefused() throws IOException {
    Files.write(text, new byte[] {'a', (byte) 0xff});
    BurhanException error = assertThrows(BurhanException.class, () -> run("context=8"));
    assertTrue(error.getMessage().contains("UTF-8"), error.getMessage());
  }

  @Test
  void aMissingTextIsTold() throws IOException {
    Files.delete(text);
    BurhanException error = assertThrows(BurhanException.class, () -> run("context=8"));
    assertTrue(error.getMessage().startsWith("there is no file " + text), error.getMessage());
  }

  @Test
  void probabilitiesAreExactFarFromZero() {
    float[] logits = {1000, 1000, -1000};
    assertEquals(Math.log(2), Perplexity.negativeLogProbability(logits, 1), 1e-12);
    assertEquals(2000 + Math.log(2), Perplexity.negativeLogProbability(logits, 2), 1e-9);
  }
}
