package dev.burhan.backendvector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Scales the scores of a run, leaves those of tokens that a query does not see at minus infinity,
 * and finds the greatest so far.
 */
final class AttentionMaxima implements AttentionStep {
  private static final int RUN = AttentionKernel.RUN;
  private final Lanes lanes;
  private final float scale;

  AttentionMaxima(Lanes lanes, float scale) {
    this.lanes = lanes;
    this.scale = scale;
  }

  @Override
  public void run(AttentionWork work) {
    for (int q = 0; q < work.queries; q++) {
      int from = work.from[q];
      int until = work.until[q];
      if (from < until) {
        int at = q * RUN;
        float here =
            until - from == RUN ? all(at, work.scores) : some(at, from, until, work.scores);
        float before = work.span.greatest[q];
        float greatest = Math.max(before, here);
        work.span.greatest[q] = greatest;
        work.factor[q] = greatest == before ? 1 : Exponential.of(before - greatest);
      }
    }
  }

  private float all(int at, float[] scores) {
    FloatVector greatest = FloatVector.broadcast(lanes.floats(), Float.NEGATIVE_INFINITY);
    for (int t = 0; t < RUN; t += lanes.floats().length()) {
      FloatVector score = FloatVector.fromArray(lanes.floats(), scores, at + t).mul(scale);
      score.intoArray(scores, at + t);
      greatest = greatest.max(score);
    }
    // The greatest is the same in whatever order it is found, so reduceLanes may be used.
    return greatest.reduceLanes(VectorOperators.MAX);
  }

  private float some(int at, int from, int until, float[] scores) {
    FloatVector none = FloatVector.broadcast(lanes.floats(), Float.NEGATIVE_INFINITY);
    FloatVector greatest = none;
    for (int t = 0; t < RUN; t += lanes.floats().length()) {
      VectorMask<Float> seen = lanes.floats().indexInRange(t, until);
      if (from > t) {
        seen = seen.andNot(lanes.floats().indexInRange(t, from));
      }
      FloatVector score = FloatVector.fromArray(lanes.floats(), scores, at + t).mul(scale);
      score = none.blend(score, seen);
      score.intoArray(scores, at + t);
      greatest = greatest.max(score);
    }
    return greatest.reduceLanes(VectorOperators.MAX);
  }
}
