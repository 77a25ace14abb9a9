package dev.burhan.reasoning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AnswerExtractionTest {
  private static void finds(String expected, String text) {
    assertEquals(
        Optional.of(expected), AnswerExtraction.find(text).map(FinalAnswer::written), text);
  }

  private static void chooses(String expected, String text) {
    assertEquals(Optional.of(FinalAnswer.of(expected)), AnswerExtraction.findChoice(text), text);
  }

  @Test
  void theLastBoxCounts() {
    finds("42", "First \\boxed{41}, no: \\boxed{42}. That took 3 steps.");
    finds("42", "\\fbox{ 42 }");
    finds("42", "\\boxed {42} and an open \\boxed{43");
    finds("42", "Done: $\\boxed{42}$, as \\boxed{ } is empty.");
    finds("-3/4", "so \\boxed -3/4.");
  }

  @Test
  void bracesInABoxAreBalanced() {
    finds("\\frac{1}{\\sqrt{2}}", "It is \\boxed{\\frac{1}{\\sqrt{2}}}.");
    finds("\\{1, 2\\}", "the set $\\boxed{\\{1, 2\\}}$");
    finds("\\{", "\\boxed{\\{}");
    finds("a \\\\ b", "\\boxed{a \\\\ b}");
    finds("5", "an open { before \\boxed{5} and } after }}");
    finds("5", "\\boxed{x = \\boxed{5}}");
  }

  @Test
  void whatTheTextCallsItsAnswerCounts() {
    finds("12 apples", "So the answer is 12 apples. It took 5 minutes.");
    finds("12", "The answer is: **12**");
    finds("12", "**Answer:** 12");
    finds("12", "**Final Answer**: 12, since 7 + 5 is that");
    finds("12", "### Final answer:\n\n12");
    finds("x^2 + 1", "The final answer is $x^2 + 1$. I hope it is correct.");
    finds("\\frac12", "Answer:\n\\[\n\\frac12\n\\]\nand 7");
    finds("3.14", "The answer to the question is therefore 3.14.");
    finds("Paris", "The answer is Paris, which has 2 million people.");
    finds("7", "The answer is 6. No wait, the answer is 7.");
    finds("B", "Answer: B");
    finds("(B) 7 cm", "The answer is (B) 7 cm.");
    finds("8", "I can answer 8 questions");
  }

  @Test
  void elseTheLastNumberCounts() {
    finds("1,234.5", "First 3, then $1,234.5.");
    finds("-7", "so x = -7.");
    finds("−7", "so x = −7");
    finds("3", "which leaves 5-3");
    finds("3", "on pages 1–3");
    finds("3/4", "that is 3/4 of it");
    finds("\\dfrac{3}{4}", "that is \\dfrac{3}{4} of it");
    finds("-\\frac{3}{4}", "that is -\\frac{3}{4}");
    finds("12%", "a rise of 12%");
    finds("12\\%", "a rise of 12\\%.");
    finds(".5", "is .5");
    finds("2", "take 2 of H2O and x3 from file_4");
    finds("3", "1, 2, 3");
    finds("12", "it is 12km");
  }

  @Test
  void aLetterAloneInTheLastLineIsAChoice() {
    finds("B", "There are 3 reasons.\n\n**(B)**\n");
    finds("3", "There are 3 reasons for option B, they say");
  }

  @Test
  void aTextWithoutAnAnswerHasNone() {
    for (String text :
        List.of("", " \n", "I do not know.", "\\boxed{}", "\\boxed{ }", "answer", "{{{")) {
      assertTrue(AnswerExtraction.find(text).isEmpty(), text);
      assertTrue(AnswerExtraction.findChoice(text).isEmpty(), text);
    }
  }

  @Test
  void choicesAreFoundHoweverTheyAreMarked() {
    chooses("C", "\\boxed{C}");
    chooses("C", "\\boxed{\\text{C}}");
    chooses("C", "\\boxed{(C) 12}");
    chooses("C", "The answer is (C).");
    chooses("C", "The correct answer is: **C) 12 m**");
    chooses("C", "The answer is option C, not B.");
    chooses("C", "c");
    chooses("C", "Between B and D ... \n\nC.");
    chooses("C", "I would go for option C here, as A is wrong and I know it");
    chooses("D", "It can't be A. A dog is no cat. I think D fits");
    chooses("B", "The best is (B) because A dog and I agree");
    chooses("J", "Answer: J");
  }

  /** It takes half a second; scans that begin anew at each part would take minutes. */
  @Test
  @Timeout(60)
  void hostileTextsTakeLinearTime() {
    int size = 100_000;
    List<String> unit =
        List.of(
            "{",
            "}",
            "\\",
            "\\boxed{",
            "\\boxed{}",
            "\\boxed ",
            "answer is ",
            "answer",
            "answer to ",
            "1",
            "1,",
            "1,111,",
            "-",
            "\\frac{1",
            "\\frac{1}{",
            "1/",
            ".",
            " ",
            "\n",
            "(A) ",
            "**",
            "A ",
            "$",
            "a",
            "_",
            "answer is $",
            "answer:\n",
            "\\{",
            "\u2064");
    for (String part : unit) {
      String text = part.repeat(size / part.length());
      AnswerExtraction.find(text);
      AnswerExtraction.findChoice(text);
      FinalAnswer.of(text);
      FinalAnswer.of(text.substring(0, 1000));
    }
  }

  @Test
  void randomSoupNeverFails() {
    String[] parts = {
      "\\boxed{",
      "}",
      "{",
      "\\frac",
      "\\dfrac12",
      "\\sqrt",
      "[3]",
      "1",
      "2",
      ",",
      "000",
      ".",
      "-",
      "/",
      " ",
      "\n",
      "$",
      "\\(",
      "\\)",
      "x",
      "=",
      "\\text{",
      "(",
      ")",
      "[",
      "]",
      "\\{",
      "\\}",
      "answer is ",
      "A",
      "^",
      "_",
      "½",
      "√",
      "²",
      "\\%",
      "%",
      "\\left",
      "\\right.",
      "\\begin{",
      "\\end",
      "\\\\",
      "\\",
      "π",
      "∪",
      " and ",
      "cm",
      "e5",
      "*10^{",
      "**"
    };
    Random random = new Random(5);
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length >= 0; length--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      AnswerExtraction.find(text.toString());
      AnswerExtraction.findChoice(text.toString());
      FinalAnswer answer = FinalAnswer.of(text.toString());
      assertEquals(answer, FinalAnswer.of(" $" + text + "$. "), text::toString);
    }
  }
}
