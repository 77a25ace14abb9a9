package dev.burhan.reasoning;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the final answer out of an answer's text, as the evaluations of reasoning models do it
 * (DeepSeek-R1, section 2.2.2 and appendix; Hendrycks et al. 2021, MATH): what is in the last
 * {@code \boxed{}}, else what the text calls its answer, else its last number. A thought is to be
 * taken off before. Time and memory are linear in the text's length.
 */
public final class AnswerExtraction {
  /** How much of a text after "answer" is looked at. */
  private static final int WINDOW = 400;

  /** What is longer is an explanation and no answer. */
  private static final int LONGEST_PHRASE = 80;

  private static final String WORD = "answer";

  private static final Pattern CALLED =
      Pattern.compile(
          "answer(?: (?:to|for|of) [^.\\n:=]{1,80}?)?(?: choice)?[*_]{0,3} ?"
              + "(?:(?:is|are|was|would be|should be|must be|will be|equals)\\b|[:=：])"
              + "[\\s:*_]{0,12}(?:(?:therefore|thus|simply|just|exactly|option|choice)\\b[ :]{0,3})?",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern PHRASE_END =
      Pattern.compile(
          "[\\n!?;]|[.。](?=[\\s*$\"”)]|$)|,? (?:because|since|as|so|which|where|due to)\\b|, (?=[a-z]{2})");

  private static final Pattern LONE_LETTER =
      Pattern.compile("[\\s*_(\\[$]*([A-Ja-j])[\\s*_)\\].:$]*");
  private static final Pattern LETTER_AHEAD =
      Pattern.compile("[\\s*_$\"“]*(?:\\\\text\\w*\\{)?[(\\[]?([A-Ja-j])(?![\\p{L}\\p{N}'’])");
  private static final Pattern OPTION =
      Pattern.compile(
          "(?:\\b(?:option|choice|choose|answer)\\b[\\s:*_]{0,6}[(\\[]?|[(\\[]|\\*\\*)([A-J])(?![\\p{L}\\p{N}'’])",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern CAPITAL =
      Pattern.compile("(?<![\\p{L}\\p{N}'’])([A-J])(?![\\p{L}\\p{N}'’])");

  private AnswerExtraction() {}

  /** The final answer of an answer to an open question; empty if it has none. */
  public static Optional<FinalAnswer> find(String text) {
    return BoxedText.last(text)
        .or(() -> called(text))
        .or(() -> loneLetter(text))
        .or(() -> LastNumber.in(text))
        .map(FinalAnswer::of)
        .filter(answer -> !answer.isEmpty());
  }

  /** The letter, A to J, that an answer to a multiple-choice question settles on. */
  public static Optional<FinalAnswer> findChoice(String text) {
    return BoxedText.last(text)
        .flatMap(AnswerExtraction::letterAhead)
        .or(() -> called(text).flatMap(AnswerExtraction::letterAhead))
        .or(() -> loneLetter(text))
        .or(() -> last(OPTION, text))
        .or(() -> lastCapital(text))
        .map(FinalAnswer::of);
  }

  /** What the text last says the answer is. */
  private static Optional<String> called(String text) {
    for (int at = text.length() - WORD.length(); at >= 0; at--) {
      if (text.regionMatches(true, at, WORD, 0, WORD.length())) {
        String window = text.substring(at, Math.min(text.length(), at + WINDOW));
        Matcher called = CALLED.matcher(window);
        if (called.lookingAt()) {
          Optional<String> phrase = phrase(window.substring(called.end()));
          if (phrase.isPresent()) {
            return phrase;
          }
        }
      }
    }
    return Optional.empty();
  }

  /** The answer at the beginning of a text: a formula, or words up to where they end. */
  private static Optional<String> phrase(String text) {
    for (String[] fence :
        new String[][] {{"$$", "$$"}, {"$", "$"}, {"\\(", "\\)"}, {"\\[", "\\]"}}) {
      if (text.startsWith(fence[0])) {
        int from = fence[0].length();
        int end = text.indexOf(fence[1], from);
        if (end > from) {
          return Optional.of(text.substring(from, end).strip());
        }
      }
    }
    Matcher end = PHRASE_END.matcher(text);
    String phrase = withoutMarks(end.find() ? text.substring(0, end.start()) : text);
    if (phrase.isEmpty()) {
      return Optional.empty();
    }
    return phrase.length() <= LONGEST_PHRASE ? Optional.of(phrase) : LastNumber.in(phrase);
  }

  /** Without what Markdown and a sentence put behind it. */
  private static String withoutMarks(String text) {
    int to = text.length();
    while (to > 0
        && (Character.isWhitespace(text.charAt(to - 1))
            || "*_$\"”.,:".indexOf(text.charAt(to - 1)) >= 0)) {
      to--;
    }
    return text.substring(0, to).strip();
  }

  private static Optional<String> letterAhead(String text) {
    Matcher letter = LETTER_AHEAD.matcher(text);
    return letter.lookingAt()
        ? Optional.of(letter.group(1).toUpperCase(Locale.ROOT))
        : Optional.empty();
  }

  /** A letter that has the text's last line for itself. */
  private static Optional<String> loneLetter(String text) {
    int to = text.length();
    while (to > 0 && Character.isWhitespace(text.charAt(to - 1))) {
      to--;
    }
    int from = text.lastIndexOf('\n', to - 1) + 1;
    if (to - from > WINDOW) {
      return Optional.empty();
    }
    Matcher letter = LONE_LETTER.matcher(text.substring(from, to));
    return letter.matches() ? Optional.of(letter.group(1)) : Optional.empty();
  }

  private static Optional<String> last(Pattern pattern, String text) {
    Optional<String> last = Optional.empty();
    Matcher found = pattern.matcher(text);
    while (found.find()) {
      last = Optional.of(found.group(1));
    }
    return last;
  }

  /** The last letter that stands alone and is neither an article nor a person. */
  private static Optional<String> lastCapital(String text) {
    Optional<String> last = Optional.empty();
    Matcher found = CAPITAL.matcher(text);
    while (found.find()) {
      String letter = found.group(1);
      boolean spoken = text.startsWith(" ", found.end()) && isLower(text, found.end() + 1);
      if (!spoken || !letter.equals("A") && !letter.equals("I")) {
        last = Optional.of(letter);
      }
    }
    return last;
  }

  private static boolean isLower(String text, int at) {
    return at < text.length() && Character.isLowerCase(text.charAt(at));
  }
}
