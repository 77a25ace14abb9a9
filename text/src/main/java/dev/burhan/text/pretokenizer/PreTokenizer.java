package dev.burhan.text.pretokenizer;

import dev.burhan.text.pretokenizer.RegexSplitter.Behaviour;
import dev.burhan.text.pretokenizer.RunSplitter.Of;
import java.util.List;
import java.util.Optional;

/**
 * Cuts a text into the words that byte pairs are merged within: steps one after the other, each on
 * the parts of the one before. Immutable and thread-safe.
 */
public final class PreTokenizer {
  private final List<Splitter> steps;

  public PreTokenizer(List<Splitter> steps) {
    this.steps = List.copyOf(steps);
  }

  /**
   * Prepares one call: returns what to hand a text to, in order that {@code words} gets its words.
   */
  public Splitter.Parts into(Splitter.Parts words) {
    Splitter.Parts next = words;
    for (Splitter step : steps.reversed()) {
      Splitter.Parts after = next;
      next = (text, from, to) -> step.split(text, from, to, after);
    }
    return next;
  }

  /** GPT-2's pattern, which a byte-level step applies by itself. */
  public static Splitter gptTwo() {
    return new GptTwoSplitter();
  }

  /** Numbers cut out: each of their characters, or each run of them. */
  public static Splitter digits(boolean individual) {
    return new RunSplitter(Of.NUMBERS, individual ? 1 : Integer.MAX_VALUE);
  }

  /** A space put before a part that does not begin with one ({@code add_prefix_space}). */
  public static Splitter spaceBefore() {
    return (text, from, to, out) -> {
      if (text.charAt(from) == ' ') {
        out.part(text, from, to);
      } else {
        String spaced = " " + text.substring(from, to);
        out.part(spaced, 0, spaced.length());
      }
    };
  }

  /** The splitter of a text to be taken literally. */
  public static Splitter literal(String pattern, String behaviour, boolean invert) {
    return RegexSplitter.ofText(pattern, behaviour(behaviour), invert);
  }

  /**
   * The splitter of a pattern: hand-written for the patterns of the known families, a regular
   * expression for the rest.
   *
   * @param behaviour as tokenizer.json spells it: {@code Isolated}, ...
   * @throws IllegalArgumentException saying what is not supported
   */
  public static Splitter pattern(String regex, String behaviour, boolean invert) {
    Behaviour kept = behaviour(behaviour);
    Optional<Splitter> known = kept == Behaviour.ISOLATED ? known(regex) : Optional.empty();
    // a match or the text between two, each is a part of its own: inverting changes nothing
    return known.isPresent() ? known.get() : RegexSplitter.of(regex, kept, invert);
  }

  private static Optional<Splitter> known(String regex) {
    return Optional.ofNullable(
        switch (regex) {
          case GptTwoSplitter.PATTERN -> new GptTwoSplitter();
          case LlamaThreeSplitter.PATTERN -> new LlamaThreeSplitter(3);
          case LlamaThreeSplitter.QWEN_PATTERN -> new LlamaThreeSplitter(1);
          case DeepSeekSplitter.PATTERN -> new DeepSeekSplitter();
          case RunSplitter.NUMBER -> new RunSplitter(Of.NUMBERS, 1);
          case RunSplitter.UP_TO_THREE_NUMBERS -> new RunSplitter(Of.NUMBERS, 3);
          case RunSplitter.NUMBERS -> new RunSplitter(Of.NUMBERS, Integer.MAX_VALUE);
          case RunSplitter.CHINESE_AND_JAPANESE ->
              new RunSplitter(Of.CHINESE_AND_JAPANESE, Integer.MAX_VALUE);
          default -> null;
        });
  }

  private static Behaviour behaviour(String name) {
    return switch (name) {
      case "Isolated" -> Behaviour.ISOLATED;
      case "Removed" -> Behaviour.REMOVED;
      case "MergedWithPrevious" -> Behaviour.MERGED_WITH_PREVIOUS;
      case "MergedWithNext" -> Behaviour.MERGED_WITH_NEXT;
      case "Contiguous" -> Behaviour.CONTIGUOUS;
      default ->
          throw new IllegalArgumentException("the split behaviour '" + name + "' is not known");
    };
  }
}
