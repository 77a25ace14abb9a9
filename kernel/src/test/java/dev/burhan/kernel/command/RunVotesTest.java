package dev.burhan.kernel.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.kernel.engine.ScriptedModel;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.UsageException;
import dev.burhan.reasoning.AnswerExtraction;
import dev.burhan.reasoning.FinalAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code burhan run} with the options of reasoning, on a tiny model that counts. */
class RunVotesTest {
  @TempDir Path folder;
  private Path file;
  private ScriptedModel model;

  @BeforeEach
  void makeModel() throws IOException {
    file = Files.createFile(folder.resolve("model"));
    model = new ScriptedModel(file, "?", "1 ", "2 ", "3 ", "a ", "b ", ".");
  }

  private RecordedIo run(String... words) throws Exception {
    RecordedIo io = new RecordedIo();
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("?", "model=" + file, "backend=oracle", "threads=1", "max-tokens=60"));
    int code =
        new RunCommand().run(RecordedIo.arguments(all.toArray(String[]::new)), io, model.host());
    assertEquals(0, code);
    return io;
  }

  @Test
  void votesAreTalliedInTheJson() throws Exception {
    JsonNode json = run("votes=5", "seed=3", "temperature=1.5", "top-p=1", "--json").json();
    JsonNode tally = json.get("tally");
    assertEquals(5, tally.get("started").asInt());
    assertEquals(5, tally.get("finished").asInt() + tally.get("cancelled").asInt());
    assertEquals(
        FinalAnswer.of(tally.at("/answers/0/answer").asText()),
        AnswerExtraction.find(json.get("answer").asText()).orElseThrow());
    int chosen = tally.get("chosen").asInt();
    assertEquals(chosen, tally.at("/answers/0/samples/0").asInt());
    JsonNode alone = run("seed=" + (3 + chosen), "temperature=1.5", "top-p=1", "--json").json();
    assertEquals(alone.get("answer"), json.get("answer"));
    assertFalse(alone.has("tally"));
  }

  @Test
  void votesAreToldOnStandardErrorAndTheAnswerAloneOnStandardOutput() throws Exception {
    RecordedIo io = run("votes=5", "seed=3", "temperature=1.5", "top-p=1");
    assertTrue(io.errors().startsWith("[5 votes: "), io.errors());
    assertFalse(io.output().contains("votes"), io.output());
  }

  @Test
  void anAnswerThatWasNotVotedOnHasNoTally() throws Exception {
    assertFalse(run("seed=3").errors().contains("votes"));
  }

  @Test
  void wrongWishesAreUsageErrors() {
    for (String wrong : List.of("votes=0", "votes=65", "votes=x", "thinking-budget=-1")) {
      UsageException refused = assertThrows(UsageException.class, () -> run(wrong));
      assertTrue(refused.getMessage().contains("--" + wrong.split("=")[0]), refused.getMessage());
    }
    UsageException greedy =
        assertThrows(UsageException.class, () -> run("votes=2", "temperature=0"));
    assertTrue(greedy.getMessage().contains("temperature"), greedy.getMessage());
    UsageException verify = assertThrows(UsageException.class, () -> run("--verify"));
    assertTrue(verify.getMessage().contains("no chat template"), verify.getMessage());
  }
}
