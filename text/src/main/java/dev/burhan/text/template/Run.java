package dev.burhan.text.template;

import java.time.Clock;

/** One rendering: where the text goes, what it may use, and the clock. */
final class Run {
  private final Budget budget;
  private final Clock clock;
  private StringBuilder out = new StringBuilder();

  Run(Clock clock, Budget budget) {
    this.budget = budget;
    this.clock = clock;
  }

  Budget budget() {
    return budget;
  }

  Clock clock() {
    return clock;
  }

  void print(String text) {
    budget.make(text.length());
    out.append(text);
  }

  String printed() {
    return out.toString();
  }

  /** What a body prints, instead of its being printed. */
  String capture(Statement body, Scope scope) {
    StringBuilder outer = out;
    out = new StringBuilder();
    try {
      body.execute(scope);
      return out.toString();
    } finally {
      out = outer;
    }
  }
}
