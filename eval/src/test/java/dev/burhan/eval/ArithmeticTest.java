package dev.burhan.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.eval.Task.SelfCheck;
import dev.burhan.eval.Task.Wish;
import dev.burhan.provider.UsageException;
import dev.burhan.reasoning.FinalAnswer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ArithmeticTest {
  private final Task task = new Arithmetic();

  private List<Problem> problems(int limit, long seed, String levels) {
    return task.problems(new Wish(limit, seed, Optional.of(levels)));
  }

  private static Operation signed(char sign) {
    return Arrays.stream(Operation.values())
        .filter(op -> op.sign == sign)
        .findFirst()
        .orElseThrow();
  }

  /** Vectors and sums that tools/train/problems.py's own held_out gives. */
  @Test
  void theHeldOutRuleIsThatOfTheTraining() {
    assertTrue(Operation.SUM.isHeldOut(47, 385));
    assertTrue(Operation.SUM.isHeldOut(385, 47));
    assertTrue(Operation.PRODUCT.isHeldOut(4, 4));
    assertTrue(Operation.DIFFERENCE.isHeldOut(560_047, 9_802_118));
    assertTrue(Operation.DIFFERENCE.isHeldOut(557_993_591, 855_182));
    assertTrue(Operation.PRODUCT.isHeldOut(767_894_977, 1748));
    assertTrue(Operation.DIFFERENCE.isHeldOut(332_445, 7));
    assertFalse(Operation.SUM.isHeldOut(98_765, 43_210));
    assertFalse(Operation.PRODUCT.isHeldOut(45, 123));
    assertFalse(Operation.DIFFERENCE.isHeldOut(7_654_321, 1_234_567));
    assertEquals(39_967_845, fingerprint(Operation.SUM));
    assertEquals(39_968_090, fingerprint(Operation.DIFFERENCE));
    assertEquals(40_157_589, fingerprint(Operation.PRODUCT));
  }

  /** The sum of 200 a + b over the held-out pairs below 200. */
  private static long fingerprint(Operation operation) {
    long sum = 0;
    for (int a = 0; a < 200; a++) {
      for (int b = 0; b < 200; b++) {
        sum += operation.isHeldOut(a, b) ? 200 * a + b : 0;
      }
    }
    return sum;
  }

  @Test
  void noProblemWasTrainedAndEachHasItsRightAnswer() {
    Pattern signs = Pattern.compile("What is (\\d+) ([-+*]) (\\d+)\\?");
    int stories = 0;
    List<Problem> problems = problems(3000, 7, "trained,rare,beyond");
    assertTrue(problems.size() > 2000, problems.size() + " problems");
    for (Problem problem : problems) {
      List<Long> numbers =
          Pattern.compile("\\d+")
              .matcher(problem.question())
              .results()
              .map(MatchResult::group)
              .map(Long::valueOf)
              .toList();
      assertEquals(2, numbers.size(), problem.question());
      var sign = signs.matcher(problem.question());
      if (sign.matches()) {
        Operation operation = signed(sign.group(2).charAt(0));
        assertEquals(operation.word, problem.kind());
        assertTrue(operation.isHeldOut(numbers.get(0), numbers.get(1)), problem.question());
        long right = operation.of(numbers.get(0), numbers.get(1));
        assertEquals(FinalAnswer.of("" + right), problem.answer());
      } else {
        stories++;
        assertTrue(
            Arrays.stream(Operation.values())
                .anyMatch(
                    op ->
                        problem.answer().equals(answer(op, numbers))
                            && (op.isHeldOut(numbers.get(0), numbers.get(1))
                                || op.isHeldOut(numbers.get(1), numbers.get(0)))),
            problem.toString());
        assertFalse(problem.question().contains("{"), problem.question());
      }
    }
    assertTrue(stories > 300, stories + " stories");
  }

  private static FinalAnswer answer(Operation operation, List<Long> numbers) {
    long a = Math.max(numbers.get(0), numbers.get(1));
    return FinalAnswer.of("" + operation.of(a, Math.min(numbers.get(0), numbers.get(1))));
  }

  @Test
  void oneSeedGivesOneListWithoutRepetitions() {
    List<Problem> problems = problems(400, 3, "trained,rare,beyond");
    assertEquals(problems, problems(400, 3, "trained,rare,beyond"));
    assertNotEquals(problems, problems(400, 4, "trained,rare,beyond"));
    List<String> asked =
        problems.stream().filter(p -> !p.kind().startsWith("word")).map(Problem::question).toList();
    assertEquals(asked.size(), new HashSet<>(asked).size());
  }

  @Test
  void fewProblemsAreSpreadOverTheRows() {
    assertEquals(2, problems(2, 1, "trained,rare,beyond").size());
    List<Problem> eight = problems(8, 1, "4");
    assertEquals(
        List.of("sum", "difference", "product", "word problem"),
        eight.stream().map(Problem::kind).distinct().toList());
    assertEquals(8, eight.size());
    assertTrue(eight.stream().allMatch(p -> p.level().equals("4x4")));
  }

  @Test
  void whatTheModelsWereTrainedOnIsToldApart() {
    for (Familiarity familiarity : Familiarity.values()) {
      assertEquals(Set.of(familiarity), familiarities(100, familiarity.word));
    }
    assertEquals(Set.of(Familiarity.TRAINED), familiarities(8, "2x3")); // in any order
    assertEquals(Set.of(Familiarity.BEYOND), familiarities(40, "9"));
    assertEquals(
        Set.of(Familiarity.TRAINED, Familiarity.RARE), familiarities(40, Arithmetic.USUAL));
  }

  private Set<Familiarity> familiarities(int limit, String levels) {
    return problems(limit, 1, levels).stream()
        .map(Problem::familiarity)
        .collect(Collectors.toSet());
  }

  @Test
  void wrongLengthsAreOneClearLine() {
    for (String wrong : List.of("0", "10", "x", "3x", "3x2x1", "long", "")) {
      UsageException refused = assertThrows(UsageException.class, () -> problems(1, 1, wrong));
      assertTrue(refused.getMessage().startsWith("--digits should be"), refused.getMessage());
    }
    UsageException unknown =
        assertThrows(UsageException.class, () -> Arithmetic.named("arithmetics"));
    assertTrue(unknown.getMessage().contains("should be arithmetic"), unknown.getMessage());
  }

  @Test
  void anAnswerIsGradedByItsValue() {
    Problem problem =
        new Problem("sum", "3x2", Familiarity.TRAINED, "What is 47 + 385?", FinalAnswer.of("432"));
    assertTrue(task.isRight(problem, task.answer("The answer is \\boxed{432}.")));
    assertTrue(task.isRight(problem, task.answer("That makes 432 apples.")));
    assertFalse(task.isRight(problem, task.answer("The answer is \\boxed{431}.")));
    assertFalse(task.isRight(problem, task.answer("I don't know.")));
  }

  @Test
  void theFirstCheckOfAThoughtIsRead() {
    Problem problem =
        new Problem("sum", "3x2", Familiarity.TRAINED, "What is 47 + 385?", FinalAnswer.of("432"));
    String work = "47+385:7+5+0=12>2\n+3:0+3+1=04>";
    assertEquals(
        Optional.of(new SelfCheck(true, false)),
        task.selfCheck(problem, work + "432\ncheck 47:42 385:327 432:470\n2+7=0,0 ok"));
    assertEquals(
        Optional.of(new SelfCheck(false, true)),
        task.selfCheck(
            problem,
            work
                + "442\ncheck 47:42 385:327 442:481\n2+7=0,1 no\nagain\n"
                + work
                + "432\ncheck 47:42 385:327 432:470\n2+7=0,0 ok"));
    assertEquals(Optional.empty(), task.selfCheck(problem, "7 and 5 are 12, no doubt"));
    Problem negative =
        new Problem("difference", "2x2", Familiarity.TRAINED, "3 - 10", FinalAnswer.of("-7"));
    assertEquals(
        Optional.of(new SelfCheck(true, false)),
        task.selfCheck(negative, "7\ncheck 3:3 7:7 10:11\n3+7=1,1 ok"));
  }
}
