package dev.burhan.reasoning;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One spelling for answers that say the same: LaTeX as plain characters, numbers as reduced
 * fractions, no units, tuples, sets and intervals element by element in their order, words in small
 * letters. It compares spellings and numbers; that x + 1 is 1 + x it does not know.
 */
final class CanonicalForm {
  /** Longer ones are nobody's short answer and are compared as they are. */
  private static final int LONGEST = 1000;

  private static final int DEEPEST = 20;
  private static final String OPEN = "([{";
  private static final String CLOSE = ")]}";

  private static final String SPOKEN = "(?:[A-Za-z][A-Za-z.]*+(?: (?=[A-Za-z])|(?=[^A-Za-z. ])|$))";
  private static final Pattern WITH_UNIT =
      Pattern.compile(
          "([+-]?[0-9.,/"
              + Rational.MIXED
              + "]*[0-9]) ("
              + SPOKEN
              + "+)(?:/ ?[A-Za-z]+)?(?:\\^[23])?");
  private static final Pattern CLOSE_UNIT =
      Pattern.compile("([+-]?[0-9.,/]*[0-9])(?:[cdkm]m|km/h|m/s|k?g|mg|ml|mph)(?:\\^[23])?");

  /** Words that make another number of the one before them. */
  private static final Set<String> NO_UNITS =
      Set.of(
          "and",
          "or",
          "to",
          "pi",
          "sqrt",
          "hundred",
          "thousand",
          "million",
          "billion",
          "trillion",
          "half",
          "halves",
          "third",
          "thirds",
          "quarter",
          "quarters",
          "dozen",
          "e",
          "i",
          "x",
          "y",
          "z",
          "n",
          "k",
          "a",
          "b",
          "c",
          "mod",
          "factorial",
          "times",
          "over",
          "plus",
          "minus");

  private static final Pattern THOUSANDS =
      Pattern.compile("(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{3})++(?!,?[0-9])");
  private static final Pattern SPACED_THOUSANDS =
      Pattern.compile("(?<![0-9.,/])[0-9]{1,3}(?: [0-9]{3})++(?! ?[0-9/])");
  private static final Pattern SPACED_FRACTION =
      Pattern.compile("(?<![0-9.,/])([0-9]+) ([0-9]+/[0-9]+)(?![0-9/])");
  private static final Pattern LOOSE_SPACE =
      Pattern.compile(
          " (?![A-Za-z0-9])|(?<![A-Za-z0-9]) |(?<=[0-9]) (?=[A-Za-z])|(?<=[A-Za-z]) (?=[0-9])");
  private static final Pattern NAMED =
      Pattern.compile(
          "\\\\?[A-Za-z]{1,12} ?(?:_\\(?[A-Za-z0-9]+\\)?)?(?:\\([a-z]\\))? ?[=∈≈] ?([^=≈]+)");
  private static final Pattern LETTERED = Pattern.compile("\\(?([A-J])(?:\\)[.:]?|[.:])(?: .*)?");
  private static final Pattern AND = Pattern.compile(",? and ");
  private static final Pattern WORDS = Pattern.compile("[\\p{L} .,'()-]*+");
  private static final Pattern SPACES = Pattern.compile("\\s++");

  private CanonicalForm() {}

  static String of(String written) {
    String text = bare(written);
    if (text.length() > LONGEST) {
      return SPACES.matcher(text).replaceAll(" ");
    }
    String plain = bare(PlainMathematics.of(text));
    Matcher lettered = LETTERED.matcher(plain);
    return lettered.matches() ? lettered.group(1).toLowerCase(Locale.ROOT) : element(plain, 0);
  }

  /** Without what stands around an answer and is no part of it. */
  private static String bare(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isAround(text.charAt(from), false)) {
      from++;
    }
    while (from < to && isAround(text.charAt(to - 1), true)) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isAround(char c, boolean atEnd) {
    return Character.isWhitespace(c)
        || "*_$`\"“”".indexOf(c) >= 0
        || atEnd && ".,;:。".indexOf(c) >= 0;
  }

  private static String element(String given, int depth) {
    String text = given.strip();
    if (depth > DEEPEST) {
      return text;
    }
    text = withoutUnit(named(grouped(text)));
    String tight = LOOSE_SPACE.matcher(text).replaceAll("");
    Optional<Rational> number = Rational.parse(tight);
    if (number.isPresent()) {
      return number.get().toString();
    }
    if (isBracketed(text)) {
      return bracketed(text, depth);
    }
    for (char separator : new char[] {'∪', ','}) {
      List<String> parts = split(AND.matcher(text).replaceAll(","), separator);
      if (parts.size() > 1) {
        return join(parts, separator, depth);
      }
    }
    return WORDS.matcher(tight).matches()
        ? tight.toLowerCase(Locale.ROOT)
        : tight.replace(Rational.MIXED, '*');
  }

  private static String join(List<String> parts, char separator, int depth) {
    return parts.stream()
        .map(part -> element(part, depth + 1))
        .collect(Collectors.joining(String.valueOf(separator)));
  }

  private static String bracketed(String text, int depth) {
    String inner = text.substring(1, text.length() - 1);
    List<String> parts = split(inner, ',');
    if (parts.size() == 1 && text.charAt(0) == '(') {
      return element(inner, depth + 1);
    }
    return text.charAt(0) + join(parts, ',', depth) + text.charAt(text.length() - 1);
  }

  /** Digits of one number together. Within brackets a comma is between two numbers. */
  private static String grouped(String text) {
    String mixed = SPACED_FRACTION.matcher(text).replaceAll("$1" + Rational.MIXED + "$2");
    String spaced =
        SPACED_THOUSANDS.matcher(mixed).replaceAll(group -> group.group().replace(" ", ""));
    return text.chars().anyMatch(c -> OPEN.indexOf(c) >= 0)
        ? spaced
        : THOUSANDS.matcher(spaced).replaceAll(group -> group.group().replace(",", ""));
  }

  /** The value of what is written as x = value. */
  private static String named(String text) {
    Matcher named = NAMED.matcher(text);
    return named.matches() && split(named.group(1), ',').size() == 1 ? named.group(1) : text;
  }

  private static String withoutUnit(String text) {
    Matcher close = CLOSE_UNIT.matcher(text);
    if (close.matches()) {
      return close.group(1);
    }
    Matcher unit = WITH_UNIT.matcher(text);
    if (!unit.matches()) {
      return text;
    }
    for (String word : unit.group(2).split("[ .]")) {
      if (NO_UNITS.contains(word.toLowerCase(Locale.ROOT))) {
        return text;
      }
    }
    return unit.group(1);
  }

  /** Whether its first bracket is closed by its last. */
  private static boolean isBracketed(String text) {
    if (text.length() < 2 || OPEN.indexOf(text.charAt(0)) < 0) {
      return false;
    }
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      depth += change(text.charAt(i));
      if (depth == 0) {
        return i == text.length() - 1;
      }
    }
    return false;
  }

  /** The parts between separators that stand in no bracket. */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += change(c);
      if (c == separator && depth == 0) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static int change(char c) {
    return OPEN.indexOf(c) >= 0 ? 1 : CLOSE.indexOf(c) >= 0 ? -1 : 0;
  }
}
