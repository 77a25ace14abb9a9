package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.oracle.Arrays32.get;
import static dev.burhan.kernel.oracle.Arrays32.get64;
import static dev.burhan.kernel.oracle.Arrays32.set;
import static dev.burhan.kernel.oracle.Arrays32.set64;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Group-limited choice of experts. A part is one column. */
final class ExpertRouter implements Kernel {
  private static final double NEVER = Double.NEGATIVE_INFINITY;

  private final Op.Route op;
  private final int experts;
  private final int groupSize;
  private final MemorySegment in; // (columns, cols)
  private final MemorySegment chosen; // (columns, top) I32
  private final MemorySegment weights; // (columns, top)
  private final WeightRows gate; // (experts, cols)
  private final Optional<MemorySegment> bias; // (experts)
  private final Scratch row; // (cols)
  private final Scratch scores; // (experts) doubles
  private final Scratch choices; // (experts) doubles: biased; NEVER once out or taken
  private final Scratch groupScores; // (groups) doubles

  ExpertRouter(Op.Route op, Node node, Bindings bindings) {
    this.op = op;
    this.gate = WeightRows.of(op.gate(), bindings);
    this.bias = op.bias().map(weight -> WeightRows.of(weight, bindings).segment());
    this.experts = gate.rows();
    this.groupSize = experts / op.groups();
    if (experts % op.groups() != 0
        || op.groupsKept() > op.groups()
        || op.top() > op.groupsKept() * groupSize) {
      throw new IllegalArgumentException(
          "%d experts in %d groups, %d kept: no %d can be chosen"
              .formatted(experts, op.groups(), op.groupsKept(), op.top()));
    }
    this.in = bindings.value(node.in().getFirst());
    this.chosen = bindings.value(node.out().get(0));
    this.weights = bindings.value(node.out().get(1));
    ScratchArrays arrays = new ScratchArrays();
    this.row = arrays.floats(gate.cols());
    this.scores = arrays.doubles(experts);
    this.choices = arrays.doubles(experts);
    this.groupScores = arrays.doubles(op.groups());
    arrays.bind(bindings);
  }

  @Override
  public int parts(Batch batch) {
    return batch.columns();
  }

  @Override
  public void run(Batch batch, int column, int worker) {
    MemorySegment score = scores.of(worker);
    MemorySegment choice = choices.of(worker);
    score(column, row.of(worker), score);
    for (int e = 0; e < experts; e++) {
      set64(choice, e, get64(score, e) + (bias.isPresent() ? get(bias.get(), e) : 0));
    }
    if (op.groups() > 1) {
      dropGroups(choice, groupScores.of(worker));
    }
    double sum = 1e-20;
    for (int rank = 0; rank < op.top(); rank++) {
      int best = best(choice, 0, experts);
      set64(choice, best, NEVER);
      sum += get64(score, best);
      chosen.setAtIndex(JAVA_INT, (long) column * op.top() + rank, best);
    }
    for (int rank = 0; rank < op.top(); rank++) {
      long at = (long) column * op.top() + rank;
      double weight = get64(score, chosen.getAtIndex(JAVA_INT, at));
      set(weights, at, (op.normalise() ? weight / sum : weight) * op.scale());
    }
  }

  private void score(int column, MemorySegment w, MemorySegment score) {
    for (int e = 0; e < experts; e++) {
      gate.read(e, w, 0);
      float logit = (float) Arrays32.dot(w, 0, in, (long) column * gate.cols(), gate.cols());
      set64(score, e, op.score() == Op.Route.Score.SIGMOID ? 1 / (1 + Math.exp(-logit)) : logit);
    }
    if (op.score() == Op.Route.Score.SOFTMAX) {
      Arrays32.softmax(score, experts);
    }
    for (int e = 0; e < experts; e++) {
      set64(score, e, (float) get64(score, e)); // scores are F32 numbers: ties are theirs
    }
  }

  /** Only the best groups keep their experts. */
  private void dropGroups(MemorySegment choice, MemorySegment groups) {
    for (int group = 0; group < op.groups(); group++) {
      int from = group * groupSize;
      int first = best(choice, from, from + groupSize);
      double one = get64(choice, first);
      double two = 0;
      if (groupSize > 1 && op.ranking() == Op.Route.GroupRanking.TWO_BEST) {
        set64(choice, first, NEVER);
        two = get64(choice, best(choice, from, from + groupSize));
        set64(choice, first, one);
      }
      set64(groups, group, one + two);
    }
    for (int dropped = op.groups() - op.groupsKept(); dropped > 0; dropped--) {
      int worst = worst(groups, op.groups());
      set64(groups, worst, Double.POSITIVE_INFINITY); // out of the running
      for (int e = worst * groupSize; e < (worst + 1) * groupSize; e++) {
        set64(choice, e, NEVER);
      }
    }
  }

  /** Index of the largest number; the first of several. */
  private static int best(MemorySegment numbers, int from, int to) {
    int best = from;
    for (int i = from + 1; i < to; i++) {
      if (get64(numbers, i) > get64(numbers, best)) {
        best = i;
      }
    }
    return best;
  }

  /** Index of the smallest number; the last of several, as the first ones are kept. */
  private static int worst(MemorySegment numbers, int count) {
    int worst = 0;
    for (int i = 1; i < count; i++) {
      if (get64(numbers, i) <= get64(numbers, worst)) {
        worst = i;
      }
    }
    return worst;
  }
}
