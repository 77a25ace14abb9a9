package dev.burhan.text.template;

import dev.burhan.text.TemplateException;

/**
 * What one rendering may use. A template comes from a file of unknown origin: a loop without end,
 * or a string that doubles itself, has to end in an error and not in a dead server.
 */
final class Budget {
  /** A long agent's conversation takes some hundred thousand steps. */
  private static final long STEPS = 10_000_000;

  /**
   * Characters and list elements made, results in between included: some ten times the longest
   * prompt, since a message is copied a few times on its way.
   */
  private static final long CHARACTERS = 64_000_000;

  private static final int CALL_DEPTH = 100;
  private static final int LOOKS_PER_STEP = 64;

  private final long mostSteps;
  private final long mostCharacters;
  private long steps;
  private long characters;
  private int depth;

  Budget() {
    this(STEPS, CHARACTERS);
  }

  Budget(long steps, long characters) {
    mostSteps = steps;
    mostCharacters = characters;
    this.steps = steps;
    this.characters = characters;
  }

  void step() {
    spend(1);
  }

  /** Pays for looking at so many characters, numbers or bits without making anything. */
  void look(long count) {
    spend(count / LOOKS_PER_STEP);
  }

  private void spend(long count) {
    steps -= count;
    if (steps < 0) {
      throw new TemplateException(
          "Chat template: it does not end: stopped after " + mostSteps + " steps");
    }
  }

  /** Pays for what is about to be made. */
  void make(long count) {
    characters -= count;
    if (characters < 0) {
      throw new TemplateException(
          "Chat template: it makes too much text: stopped after "
              + mostCharacters
              + " characters, results in between included");
    }
  }

  void enter(String callee) {
    if (++depth > CALL_DEPTH) {
      throw new TemplateException(
          "Chat template: '" + callee + "' calls itself more than " + CALL_DEPTH + " deep");
    }
  }

  void leave() {
    depth--;
  }
}
