package dev.burhan.backendvector;

import jdk.incubator.vector.FloatVector;

/**
 * Replaces scores by their weights, the powers of their distance to the greatest, and adds them up.
 */
final class AttentionWeights implements AttentionStep {
  private static final int RUN = AttentionKernel.RUN;
  private final Lanes lanes;

  AttentionWeights(Lanes lanes) {
    this.lanes = lanes;
  }

  @Override
  public void run(AttentionWork work) {
    for (int q = 0; q < work.queries; q++) {
      if (work.from[q] < work.until[q]) {
        weigh(q * RUN, work.span.greatest[q], work.scores);
        add(q, work);
      }
    }
  }

  private void weigh(int at, float greatest, float[] scores) {
    for (int t = at; t < at + RUN; t += lanes.floats().length()) {
      FloatVector score = FloatVector.fromArray(lanes.floats(), scores, t);
      Exponential.of(score.sub(greatest), lanes).intoArray(scores, t);
    }
  }

  private void add(int q, AttentionWork work) {
    FloatVector sum = FloatVector.fromArray(lanes.floats(), work.weights, q * Work.LANES);
    sum = sum.mul(work.factor[q]);
    for (int t = q * RUN; t < (q + 1) * RUN; t += lanes.floats().length()) {
      sum = sum.add(FloatVector.fromArray(lanes.floats(), work.scores, t));
    }
    sum.intoArray(work.weights, q * Work.LANES);
  }
}
