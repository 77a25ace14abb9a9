package dev.burhan.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.eval.Task.SelfCheck;
import dev.burhan.reasoning.FinalAnswer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTest {

  private static Outcome outcome(boolean trained, boolean right, SelfCheck check) {
    FinalAnswer answer = FinalAnswer.of("5");
    Familiarity familiarity = trained ? Familiarity.TRAINED : Familiarity.BEYOND;
    Problem problem = new Problem("sum", trained ? "1x1" : "8x8", familiarity, "2 + 3", answer);
    return new Outcome(
        problem, "", "5", Optional.of(answer), right, 10, true, Optional.ofNullable(check));
  }

  /** Newcombe 1998, table I: 81 of 263, and 0 of 20. */
  @Test
  void intervalsAreWilsons() {
    Score some = new Score(81, 263);
    assertEquals(0.2553, some.low(), 5e-5);
    assertEquals(0.3662, some.high(), 5e-5);
    Score none = new Score(0, 20);
    assertEquals(0, none.low(), 1e-12);
    assertEquals(0.1611, none.high(), 5e-5);
  }

  @Test
  void checksAreCountedByWhatTheyGained() {
    Checks checks =
        Checks.of(
            List.of(
                outcome(true, true, new SelfCheck(true, false)),
                outcome(true, true, new SelfCheck(false, true)), // caught and corrected
                outcome(true, false, new SelfCheck(false, true)), // caught in vain
                outcome(true, false, new SelfCheck(false, false)), // missed
                outcome(true, false, new SelfCheck(true, true)), // spoiled
                outcome(true, true, null)));
    assertEquals(new Checks(5, 3, 2, 1, 1, 1), checks);
    assertEquals(3, checks.saidNo());
    assertEquals(0, checks.gain());
  }

  @Test
  void aTableHasARowForEachLevelAndTheTotals() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new EvalReport(
            new Exam.Result(
                List.of(
                    outcome(true, true, null),
                    outcome(true, false, null),
                    outcome(false, false, new SelfCheck(false, true))),
                2))
        .print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    List<String> lines =
        bytes.toString(StandardCharsets.UTF_8).lines().map(l -> l.replaceAll(" +", " ")).toList();
    assertEquals("| sum | 1x1 | 2 | 1 | 50.0 % | 9.5 to 90.5 | 10 | - | - |", lines.get(2));
    assertEquals("| sum | 8x8 | 1 | 0 | 0.0 % | 0.0 to 79.3 | 10 | 1 | +0 |", lines.get(3));
    assertTrue(lines.get(4).startsWith("| all | trained | 2 |"), lines.get(4));
    assertTrue(lines.get(5).startsWith("| all | beyond | 1 |"), lines.get(5));
    assertTrue(lines.get(6).startsWith("| all | all | 3 |"), lines.get(6));
    assertEquals("15.0 tokens/s over 2.0 s; 0 cut off", lines.get(8));
  }
}
