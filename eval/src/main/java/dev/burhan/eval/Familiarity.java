package dev.burhan.eval;

/** How well models that were trained for a task know problems of a kind and level. */
enum Familiarity {
  /** From most of what they were trained on. */
  TRAINED("trained"),
  /** From a small part of it. */
  RARE("rare"),
  /** Not at all: harder than all they have seen. */
  BEYOND("beyond");

  final String word;

  Familiarity(String word) {
    this.word = word;
  }
}
