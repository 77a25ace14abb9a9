package dev.burhan.reasoning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FinalAnswerTest {
  private static void same(String... written) {
    for (String one : written) {
      assertEquals(FinalAnswer.of(written[0]), FinalAnswer.of(one), one + " is " + written[0]);
      assertEquals(FinalAnswer.of(written[0]).hashCode(), FinalAnswer.of(one).hashCode());
    }
  }

  private static void differ(String... written) {
    for (int i = 0; i < written.length; i++) {
      for (int j = 0; j < i; j++) {
        assertNotEquals(FinalAnswer.of(written[j]), FinalAnswer.of(written[i]), written[i]);
      }
    }
  }

  @Test
  void numbersAreComparedByTheirExactValue() {
    same(
        "0.5",
        "1/2",
        "\\frac12",
        "\\frac{1}{2}",
        "\\dfrac{1}{2}",
        ".5",
        "0.50",
        "½",
        "2/4",
        "+0.5");
    same("1000", "1,000", "1{,}000", "1\\,000", "1 000", "1000.0", "01000", "1e3");
    same("-3/4", "\\frac{-3}{4}", "-\\frac34", "−0.75", "\\frac{3}{-4}");
    same("300000", "3 \\times 10^5", "3 \\cdot 10^{5}", "3e5", "300,000");
    same("3.5", "3\\frac12", "3 1/2", "3½", "7/2", "3 \\frac{1}{2}");
    same("-3.5", "-3\\frac12");
    same("0", "-0", "0.0", "0/5");
    differ("1/3", "0.3333", "0.333333333333333333", "3", "-1/3");
    differ("12", "1/2", "21", "1,2");
    differ("1/0", "0");
  }

  @Test
  void reducedFractionsOfRandomNumbersAreEqual() {
    Random random = new Random(3);
    for (int round = 0; round < 2000; round++) {
      BigInteger above = new BigInteger(1 + random.nextInt(80), random);
      BigInteger below = new BigInteger(1 + random.nextInt(80), random).add(BigInteger.ONE);
      BigInteger factor = BigInteger.valueOf(1 + random.nextInt(1000));
      String other = above.multiply(factor) + "}{" + below.multiply(factor) + "}";
      same(above + "/" + below, "\\frac{" + other, "$\\left(\\tfrac{" + other + "\\right)$");
      differ(above + "/" + below, above.add(BigInteger.ONE) + "/" + below);
    }
  }

  @Test
  void unitsAndCurrenciesAreNoPartOfANumber() {
    same(
        "5",
        "5\\%",
        "5%",
        "$5$",
        "\\$5",
        "\\$5.00",
        "5 cm",
        "5\\text{ cm}",
        "5\\,\\mathrm{cm}",
        "5cm");
    same("5", "5^\\circ", "5^{\\circ}", "5°", "5 apples", "5 square units", "5\\text{ cm}^2", "€5");
    same("1250", "$1,250", "1,250 dollars", "\\$1{,}250");
    differ("5", "5 million", "5 or 6", "5x", "5\\pi", "5\\sqrt{2}", "5 and a half", "5!");
  }

  @Test
  void formulasAreEqualHoweverTheyAreSet() {
    same("\\frac{\\pi}{2}", "\\dfrac{\\pi}2", "π/2", "\\pi/2", "$ \\frac { \\pi } { 2 } $");
    same("\\sqrt{2}", "\\sqrt2", "√2", "\\sqrt 2");
    same("\\frac{\\sqrt{3}}{2}", "\\frac{\\sqrt3}2", "√3/2");
    same("x^2+1", "x^{2} + 1", "x² + 1", "f(x) = x^2 + 1", "y = x^2+1");
    same("\\frac{x+1}{2}", "(x+1)/2");
    same("2^{10}", "2^10");
    same("x \\le 5", "x \\leq 5", "x ≤ 5", "x\\leqslant5");
    same("3\\sqrt[3]{2}", "3\\sqrt[3]2");
    differ("x+1", "x-1", "X+1", "x1");
    differ("2^{10}", "2^{1}0", "210");
    differ("\\sqrt{2}", "\\sqrt[3]{2}", "2");
  }

  @Test
  void namesBeforeAValueFallAway() {
    same("5", "x = 5", "x=5", "n=5.", "\\theta = 5", "x_1 = 5", "$x = 5$");
    differ("x=5", "x=y=5");
  }

  @Test
  void tuplesSetsAndIntervalsKeepTheirOrderAndTheirBrackets() {
    same("(1, 2)", "\\left(1,2\\right)", "(1.0, \\frac{4}{2})", "( 1 , 2 )");
    same("\\{1,2\\}", "\\left\\{ 1, 2 \\right\\}", "\\lbrace 1,2 \\rbrace");
    same("[0, 1)", "\\left[0,1\\right)", "[0.0, 2/2)");
    same("(-\\infty, 0) \\cup (1, \\infty)", "(-∞,0)∪(1,∞)");
    same("1, 2, 3", "1,2,3", "1, 2 and 3", "1, 2, and 3");
    differ("(1, 2)", "(2, 1)", "[1, 2]", "[1, 2)", "\\{1, 2\\}", "1, 2", "(1, 2, 3)");
    differ("(1,234)", "1,234");
  }

  @Test
  void lettersAndWordsAreEqualInAnyCase() {
    same(
        "B",
        "(B)",
        "b",
        "B.",
        "\\text{B}",
        "\\text{(B)}",
        "**B**",
        "(B) 12 cm",
        "B. twelve",
        "B) x");
    same("Saturday", "saturday", "\\text{Saturday}", "Saturday.", "\"Saturday\"");
    differ("A", "B", "AB", "yes", "no");
  }

  @Test
  void matricesAreKept() {
    same(
        "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
        "\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}");
  }

  @Test
  void longTextsAreComparedAsTheyAre() {
    String digits = "1".repeat(100_000);
    same(digits, digits + " ");
    differ(digits, digits + "1");
  }

  @Test
  void writtenFormStays() {
    assertEquals("\\frac12", FinalAnswer.of(" \\frac12 ").written());
    assertEquals("1/2", FinalAnswer.of("\\frac12").canonical());
  }
}
