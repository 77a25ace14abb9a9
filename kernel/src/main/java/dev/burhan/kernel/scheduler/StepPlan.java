package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Limits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A step that is put together: which tokens of whom it computes. Filled anew for each one. */
final class StepPlan {
  private final StepRunner steps;
  private final Limits limits;
  private final PagePool pages;
  private final List<Part> placed = new ArrayList<>();
  private int promptColumns;
  private boolean starved;

  /**
   * What a request has in the step.
   *
   * @param count how many of its next tokens
   * @param column the first one's
   * @param row of logits, its first
   */
  record Part(Request request, int count, int column, int row) {}

  StepPlan(StepRunner steps) {
    this.steps = steps;
    this.limits = steps.limits();
    this.pages = steps.pages();
  }

  void clear() {
    steps.clear();
    placed.clear();
    promptColumns = 0;
    starved = false;
  }

  List<Part> placed() {
    return placed;
  }

  /** Columns that are tokens of prompts. */
  int promptColumns() {
    return promptColumns;
  }

  /** Whether somebody's prompt found no pages. */
  boolean starved() {
    return starved;
  }

  /** Whether all that it computes was cancelled. */
  boolean nobodyCares() {
    for (int i = 0; i < placed.size(); i++) {
      if (!placed.get(i).request().cancelled()) {
        return false;
      }
    }
    return true;
  }

  /** Adds a request's next tokens, for which it has pages. */
  void place(Request request, int count) {
    placed.add(new Part(request, count, steps.columns(), steps.logitRows()));
    steps.add(request.sequence(), count, request.wanted(count));
    int from = request.sequence().computed();
    promptColumns += Math.clamp(request.promptLength() - from, 0, count);
  }

  /**
   * Adds parts of prompts: half of the room is the first one's, the shortest have the rest, so that
   * a long one neither holds others up nor is held up.
   *
   * @param prompts in order of their requests
   * @param budget most tokens, at least 1
   */
  void placePrompts(List<Request> prompts, int budget) {
    if (prompts.isEmpty()) {
      return;
    }
    Request first = prompts.getFirst();
    int left = budget;
    int half = prompts.size() == 1 ? left : Math.max(1, left / 2);
    List<Request> others = new ArrayList<>(prompts.subList(1, prompts.size()));
    others.sort(Comparator.comparingInt(Request::remaining)); // stable: then by order
    int spare = left - Math.min(half, first.remaining());
    for (Request other : others) {
      int part = placePart(other, Math.min(spare, other.remaining()));
      spare -= part;
      left -= part;
    }
    placePart(first, Math.min(left, first.remaining()));
  }

  private int placePart(Request request, int most) {
    int rows = limits.logitRows() - steps.logitRows();
    if (most <= 0 || rows <= 0 || placed.size() == limits.sequences()) {
      return 0;
    }
    Sequence sequence = request.sequence();
    int count = request.count(most, rows);
    int room = (pages.available() + sequence.pageCount()) * limits.tokensPerPage();
    count = Math.min(count, room - sequence.computed());
    if (count <= 0 || !sequence.reserve(sequence.computed() + count)) {
      starved = true;
      return 0;
    }
    place(request, count);
    return count;
  }
}
