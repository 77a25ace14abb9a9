package dev.burhan.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.command.Command;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Both commands on a model that knows sums; the quick backend gets those that end in 0 wrong. */
class CommandsTest {
  private static final Pattern SUM = Pattern.compile("<user>What is (\\d+) \\+ (\\d+)\\?");
  private final ScriptedEngine engine = new ScriptedEngine(CommandsTest::answer);

  private static List<String> answer(String backend, String prompt) {
    Matcher sum = SUM.matcher(prompt);
    if (!sum.matches()) {
      return List.of("", "I only add.");
    }
    long right = Long.parseLong(sum.group(1)) + Long.parseLong(sum.group(2));
    boolean slip = backend.equals("quick") && right % 10 == 0;
    String check =
        "%d\ncheck 1:1 1:1 2:2\n1+1=2,2 %s\n"
            .formatted(slip ? right + 1 : right, slip ? "no" : "ok");
    return List.of(check, "The answer is \\boxed{%d}.".formatted(slip ? right + 1 : right));
  }

  private RecordedIo run(Command command, String... words) throws Exception {
    RecordedIo io = new RecordedIo();
    List<String> all = new ArrayList<>(List.of(words));
    all.add("model=any");
    assertEquals(
        Command.DONE,
        command.run(RecordedIo.arguments(all.toArray(String[]::new)), io, engine.host()));
    assertTrue(engine.allClosed());
    return io;
  }

  private UsageException refused(Command command, String... words) {
    return assertThrows(UsageException.class, () -> run(command, words));
  }

  @Test
  void solvedProblemsAreCountedByKind() throws Exception {
    JsonNode json = run(new EvalCommand(), "arithmetic", "limit=40", "digits=5", "--json").json();
    assertEquals("plain", json.get("backend").asText());
    assertEquals("sum", json.at("/rows/0/kind").asText());
    assertEquals(10, json.at("/rows/0/right").asInt());
    assertEquals(10, json.at("/rows/0/checks/checked").asInt());
    assertEquals(0, json.at("/rows/1/right").asInt());
    assertEquals(4, json.get("rows").size());
    assertTrue(json.get("tokens_per_second").asDouble() > 0);
    String table = run(new EvalCommand(), "arithmetic", "limit=40", "digits=5").output();
    assertTrue(table.contains(" 100.0 % |"), table);
    assertTrue(engine.requests.stream().allMatch(r -> r.sampling().temperature() == 0));
  }

  @Test
  void votesAreTheEnginesWithSeedsOfTheirOwn() throws Exception {
    run(new EvalCommand(), "arithmetic", "limit=4", "digits=3", "votes=8", "seed=5");
    assertEquals(4, engine.requests.size());
    for (GenerationRequest request : engine.requests) {
      assertEquals(8, request.reasoning().votes());
      assertEquals(0.6, request.sampling().temperature());
    }
    assertEquals(4, engine.requests.stream().map(r -> r.sampling().seed()).distinct().count());
  }

  @Test
  void whatIsCutOffHasNoAnswer() throws Exception {
    JsonNode json =
        run(new EvalCommand(), "arithmetic", "limit=8", "digits=4", "max-tokens=12", "--json")
            .json();
    assertEquals(0, json.at("/rows/0/right").asInt());
    assertEquals(2, json.get("cut_off").asInt());
  }

  @Test
  void backendsAreComparedWithTheFirst() throws Exception {
    JsonNode json =
        run(new CompareCommand(), "backends=plain, quick", "limit=400", "digits=4", "--json")
            .json();
    JsonNode plain = json.at("/backends/0");
    JsonNode quick = json.at("/backends/1");
    assertEquals(400, plain.get("problems").asInt());
    assertEquals(100, plain.get("right").asInt());
    assertEquals(400, plain.get("same_text").asInt());
    int slips = 100 - quick.get("right").asInt();
    assertTrue(slips > 0 && slips < 40, slips + " slips");
    assertEquals(400 - slips, quick.get("same_answer").asInt());
    assertEquals(400 - slips, quick.get("same_text").asInt());
    List<String> lines =
        run(new CompareCommand(), "backends=plain,quick", "task=arithmetic")
            .output()
            .lines()
            .toList();
    assertEquals(4, lines.size());
    assertTrue(lines.get(1).matches("\\| -+ (\\| -+: )+\\|"), lines.get(1));
  }

  @Test
  void aFailureOfTheEngineIsTheCommandsOwn() {
    ScriptedEngine failing =
        new ScriptedEngine(
            (backend, prompt) -> {
              throw new UsageException("no room");
            });
    UsageException refused =
        assertThrows(
            UsageException.class,
            () ->
                new EvalCommand()
                    .run(
                        RecordedIo.arguments("arithmetic", "model=any"),
                        new RecordedIo(),
                        failing.host()));
    assertEquals("no room", refused.getMessage());
    assertTrue(failing.allClosed());
  }

  @Test
  void wrongWishesAreOneClearLine() {
    assertTrue(refused(new EvalCommand()).getMessage().contains("burhan eval arithmetic"));
    assertTrue(refused(new EvalCommand(), "sums").getMessage().contains("should be arithmetic"));
    for (String wrong :
        List.of("limit=0", "limit=x", "seed=x", "digits=12", "votes=65", "max-tokens=0")) {
      String message = refused(new EvalCommand(), "arithmetic", wrong).getMessage();
      assertTrue(message.contains(wrong.split("=")[0]), message);
    }
    assertTrue(refused(new CompareCommand()).getMessage().contains("--backends"));
    assertTrue(
        refused(new CompareCommand(), "backends=plain,slow")
            .getMessage()
            .contains("(plain, quick)"));
    assertTrue(
        refused(new CompareCommand(), "backends=plain", "task=x").getMessage().contains("'x'"));
  }
}
