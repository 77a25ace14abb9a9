package dev.burhan.backendtck;

/** What a check proves. */
public enum Category {
  /** Each op and weight type against the scalar oracle, over shapes, edge sizes and both phases. */
  OPS("each op and type against the oracle"),
  /** The same step again, in the same program, a new one and a newly opened backend. */
  DETERMINISM("the same bits over repeats"),
  /** A token's bits alone, among others, however its prompt is cut, on any number of threads. */
  INVARIANCE("a token's bits do not depend on its company"),
  /** Several threads and programs at once. */
  CONCURRENCY("programs that run at once do not disturb each other"),
  /** Closing, failing, stopping, memory that is short, and what is left behind. */
  LIFECYCLE("nothing is left behind or used after it was freed"),
  /** Whole models against independent reference outputs. */
  GOLDENS("whole models against reference outputs");

  private final String meaning;

  Category(String meaning) {
    this.meaning = meaning;
  }

  public String meaning() {
    return meaning;
  }
}
