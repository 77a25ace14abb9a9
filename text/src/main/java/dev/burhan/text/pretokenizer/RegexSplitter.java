package dev.burhan.text.pretokenizer;

import dev.burhan.provider.BurhanException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Cuts at the matches of a pattern that no hand-written scanner knows. The patterns are written for
 * Oniguruma: where Java means something else by the same spelling, the pattern is refused instead
 * of being misread.
 */
final class RegexSplitter implements Splitter {

  /** What becomes of a match, in the tokenizers library's words. */
  enum Behaviour {
    ISOLATED,
    REMOVED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    CONTIGUOUS
  }

  /**
   * Oniguruma's Ruby syntax: ^ and $ are line anchors, lines end in \n alone, classes and case are
   * Unicode's.
   */
  private static final int FLAGS =
      Pattern.MULTILINE
          | Pattern.UNIX_LINES
          | Pattern.UNICODE_CHARACTER_CLASS
          | Pattern.UNICODE_CASE;

  private static final Pattern READ_OTHERWISE_BY_JAVA =
      Pattern.compile("\\[\\[?:|(?<!\\\\)(?:\\\\\\\\)*\\\\[hHRXKgkZ]|\\(\\?~|\\{\\d*,?\\d*\\}\\+");

  /** Characters looked at for each character of the text before a pattern is called hopeless. */
  private static final long LOOKS_PER_CHARACTER = 200;

  private static final int LONGEST = 10_000; // the longest one published has less than a thousand

  private final Pattern pattern;
  private final Behaviour behaviour;
  private final boolean invert;

  private RegexSplitter(Pattern pattern, Behaviour behaviour, boolean invert) {
    this.pattern = pattern;
    this.behaviour = behaviour;
    this.invert = invert;
  }

  /**
   * Compiles a pattern.
   *
   * @throws IllegalArgumentException saying why, if it is no pattern or Java would read it
   *     otherwise
   */
  static RegexSplitter of(String regex, Behaviour behaviour, boolean invert) {
    if (regex.length() > LONGEST) {
      throw new IllegalArgumentException(
          "the regular expression has " + regex.length() + " characters, more than " + LONGEST);
    }
    try {
      Matcher other = READ_OTHERWISE_BY_JAVA.matcher(regex);
      if (other.find()) {
        throw new IllegalArgumentException(
            "the regular expression uses '" + other.group() + "', which is not supported");
      }
      return new RegexSplitter(Pattern.compile(regex, FLAGS), behaviour, invert);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "the regular expression can't be read: " + e.getDescription(), e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("the regular expression is nested too deeply");
    }
  }

  static RegexSplitter ofText(String text, Behaviour behaviour, boolean invert) {
    return new RegexSplitter(Pattern.compile(text, Pattern.LITERAL), behaviour, invert);
  }

  @Override
  public void split(String text, int from, int to, Parts out) {
    var joiner = new Joiner(behaviour, text, out);
    Matcher matcher = pattern.matcher(new BudgetedText(text, from, to, pattern));
    int done = 0;
    int length = to - from;
    try {
      while (matcher.find()) {
        if (matcher.end() == matcher.start()) {
          continue;
        }
        joiner.add(from + done, from + matcher.start(), invert);
        joiner.add(from + matcher.start(), from + matcher.end(), !invert);
        done = matcher.end();
      }
    } catch (StackOverflowError e) {
      throw new BurhanException(
          "The tokenizer's pattern '"
              + shown(pattern)
              + "' needs too deep a stack for this text; cut it up");
    }
    joiner.add(from + done, from + length, invert);
    joiner.end();
  }

  private static String shown(Pattern pattern) {
    String text = pattern.pattern().replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]+", " ");
    return text.length() > 200 ? text.substring(0, 200) + "..." : text;
  }

  /** Applies the behaviour to matches and the texts between them. */
  private static final class Joiner {
    private final Behaviour behaviour;
    private final String text;
    private final Parts out;
    private int from;
    private int to; // a part that may still grow: [from, to)
    private boolean match;

    Joiner(Behaviour behaviour, String text, Parts out) {
      this.behaviour = behaviour;
      this.text = text;
      this.out = out;
    }

    void add(int begin, int end, boolean isMatch) {
      if (begin == end) {
        return;
      }
      boolean grows =
          to > from
              && switch (behaviour) {
                case ISOLATED, REMOVED -> false;
                case MERGED_WITH_PREVIOUS -> isMatch && !match;
                case MERGED_WITH_NEXT -> match && !isMatch;
                case CONTIGUOUS -> match == isMatch;
              };
      if (!grows) {
        end();
        from = begin;
      }
      to = end;
      match = isMatch;
    }

    void end() {
      if (to > from && !(behaviour == Behaviour.REMOVED && match)) {
        out.part(text, from, to);
      }
      from = to;
    }
  }

  /**
   * Counts what a matcher looks at, so that one that backtracks without end stops with a clear
   * error.
   */
  private static final class BudgetedText implements CharSequence {
    private final String text;
    private final int from;
    private final int to;
    private final Pattern pattern;
    private long left;

    BudgetedText(String text, int from, int to, Pattern pattern) {
      this.text = text;
      this.from = from;
      this.to = to;
      this.pattern = pattern;
      left = LOOKS_PER_CHARACTER * (to - from + 10_000L);
    }

    @Override
    public char charAt(int index) {
      if (--left < 0) {
        throw new BurhanException(
            "The tokenizer's pattern '"
                + shown(pattern)
                + "' takes too long on this text; cut it up");
      }
      return text.charAt(from + index);
    }

    @Override
    public int length() {
      return to - from;
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(from + start, from + end);
    }

    @Override
    public String toString() {
      return text.substring(from, to);
    }
  }
}
