package dev.burhan.backendvector;

import dev.burhan.graph.Op;

/** Chooses experts by their scores, in groups: see {@link Op.Route}. Of equals the first one is. */
final class ExpertChoice {
  private static final float NEVER = Float.NEGATIVE_INFINITY;

  private final Op.Route op;
  private final int experts;
  private final int groupSize;
  private final float[] bias;

  /**
   * @param bias (experts), or null
   */
  ExpertChoice(Op.Route op, int experts, float[] bias) {
    this.op = op;
    this.experts = experts;
    this.groupSize = op.groups() == 0 ? 0 : experts / op.groups();
    this.bias = bias;
    if (op.groups() < 1
        || experts % op.groups() != 0
        || op.groupsKept() > op.groups()
        || op.top() > op.groupsKept() * groupSize) {
      throw new IllegalArgumentException(
          "%d experts in %d groups, %d kept: no %d can be chosen"
              .formatted(experts, op.groups(), op.groupsKept(), op.top()));
    }
  }

  /** Numbers of scratch that a choice needs. */
  int room() {
    return 2 * experts + op.groups();
  }

  /** Makes scores of the logits of all experts, in place: {@code work} from {@code at} on. */
  void score(float[] work, int at) {
    if (op.score() == Op.Route.Score.SIGMOID) {
      for (int e = at; e < at + experts; e++) {
        work[e] = (float) (1 / (1 + StrictMath.exp(-work[e])));
      }
      return;
    }
    double greatest = work[best(work, at, at + experts)];
    double sum = 0;
    for (int e = at; e < at + experts; e++) {
      sum += StrictMath.exp(work[e] - greatest);
    }
    for (int e = at; e < at + experts; e++) {
      work[e] = (float) (StrictMath.exp(work[e] - greatest) / sum);
    }
  }

  /**
   * Chooses.
   *
   * @param work scores from {@code at} on, then scratch
   * @param chosen (top), best first
   * @param weights (top)
   */
  void choose(float[] work, int at, int[] chosen, float[] weights) {
    int choice = at + experts; // biased; NEVER once out or taken
    for (int e = 0; e < experts; e++) {
      work[choice + e] = work[at + e] + (bias == null ? 0 : bias[e]);
    }
    if (op.groups() > 1) {
      dropGroups(work, choice);
    }
    double sum = 1e-20;
    for (int rank = 0; rank < op.top(); rank++) {
      int best = best(work, choice, choice + experts);
      work[best] = NEVER;
      chosen[rank] = best - choice;
      sum += work[at + chosen[rank]];
    }
    for (int rank = 0; rank < op.top(); rank++) {
      double weight = work[at + chosen[rank]];
      weights[rank] = (float) ((op.normalise() ? weight / sum : weight) * op.scale());
    }
  }

  /** Only the best groups keep their experts. */
  private void dropGroups(float[] work, int choice) {
    int groups = choice + experts;
    for (int group = 0; group < op.groups(); group++) {
      int from = choice + group * groupSize;
      int first = best(work, from, from + groupSize);
      float one = work[first];
      float two = 0;
      if (groupSize > 1 && op.ranking() == Op.Route.GroupRanking.TWO_BEST) {
        work[first] = NEVER;
        two = work[best(work, from, from + groupSize)];
        work[first] = one;
      }
      work[groups + group] = one + two;
    }
    for (int dropped = op.groups() - op.groupsKept(); dropped > 0; dropped--) {
      int worst = worst(work, groups, groups + op.groups());
      work[worst] = Float.POSITIVE_INFINITY; // out of the running
      int from = choice + (worst - groups) * groupSize;
      java.util.Arrays.fill(work, from, from + groupSize, NEVER);
    }
  }

  /** Index of the largest number; the first of several. */
  private static int best(float[] numbers, int from, int to) {
    int best = from;
    for (int i = from + 1; i < to; i++) {
      if (numbers[i] > numbers[best]) {
        best = i;
      }
    }
    return best;
  }

  /** Index of the smallest number; the last of several, as the first ones are kept. */
  private static int worst(float[] numbers, int from, int to) {
    int worst = from;
    for (int i = from + 1; i < to; i++) {
      if (numbers[i] <= numbers[worst]) {
        worst = i;
      }
    }
    return worst;
  }
}
