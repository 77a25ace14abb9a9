package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Weights values by the softmax of their scores, a run of tokens after another. */
final class AttentionSoftmax {
  private static final int RUN = AttentionKernel.RUN;
  private final Lanes lanes;
  private final int headDim;
  private final float scale;

  AttentionSoftmax(Lanes lanes, int headDim, float scale) {
    this.lanes = lanes;
    this.headDim = headDim;
    this.scale = scale;
  }

  void start(int queries, AttentionWork work) {
    Arrays.fill(work.greatest, 0, queries, Float.NEGATIVE_INFINITY);
    Arrays.fill(work.weights, 0, queries * Work.LANES, 0);
    Arrays.fill(work.output, 0, queries * headDim, 0);
  }

  /** Adds tokens {@code [from, until)} of the run at hand to a query's sums. */
  void add(int q, int from, int until, AttentionWork work) {
    float before = work.greatest[q];
    float greatest = Math.max(before, scaled(q * RUN, from, until, work.scores));
    work.greatest[q] = greatest;
    float factor = factor(before - greatest);
    weigh(q, greatest, factor, work);
    values(q, from, until, factor, work);
  }

  private float factor(float less) {
    // All lanes are equal, so any one may be taken.
    return Exponential.of(FloatVector.broadcast(lanes.floats(), less)).lane(0);
  }

  /** Scales the scores, leaves those outside of the range at minus infinity, finds the greatest. */
  private float scaled(int at, int from, int until, float[] scores) {
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
    // The greatest is the same in whatever order it is found, so reduceLanes may be used.
    return greatest.reduceLanes(VectorOperators.MAX);
  }

  /** Replaces scores by weights and adds them up. */
  private void weigh(int q, float greatest, float factor, AttentionWork work) {
    FloatVector total =
        FloatVector.fromArray(lanes.floats(), work.weights, q * Work.LANES).mul(factor);
    for (int t = 0; t < RUN; t += lanes.floats().length()) {
      FloatVector score = FloatVector.fromArray(lanes.floats(), work.scores, q * RUN + t);
      FloatVector weight = Exponential.of(score.sub(greatest));
      weight.intoArray(work.scores, q * RUN + t);
      total = total.add(weight);
    }
    total.intoArray(work.weights, q * Work.LANES);
  }

  private void values(int q, int from, int until, float factor, AttentionWork work) {
    int step = lanes.floats().length();
    int i = 0;
    for (; i <= headDim - 4 * step; i += 4 * step) {
      fourVectors(q, i, from, until, factor, work);
    }
    for (; i < headDim; i += step) {
      oneVector(q, i, lanes.floats().indexInRange(i, headDim), from, until, factor, work);
    }
  }

  private void fourVectors(
      int q, int within, int from, int until, float factor, AttentionWork work) {
    int step = lanes.floats().length();
    int at = q * headDim + within;
    FloatVector s0 = load(work.output, at).mul(factor);
    FloatVector s1 = load(work.output, at + step).mul(factor);
    FloatVector s2 = load(work.output, at + 2 * step).mul(factor);
    FloatVector s3 = load(work.output, at + 3 * step).mul(factor);
    for (int t = from; t < until; t++) {
      FloatVector weight = FloatVector.broadcast(lanes.floats(), work.scores[q * RUN + t]);
      int row = t * headDim + within;
      s0 = load(work.values, row).fma(weight, s0);
      s1 = load(work.values, row + step).fma(weight, s1);
      s2 = load(work.values, row + 2 * step).fma(weight, s2);
      s3 = load(work.values, row + 3 * step).fma(weight, s3);
    }
    s0.intoArray(work.output, at);
    s1.intoArray(work.output, at + step);
    s2.intoArray(work.output, at + 2 * step);
    s3.intoArray(work.output, at + 3 * step);
  }

  private void oneVector(
      int q,
      int within,
      VectorMask<Float> mask,
      int from,
      int until,
      float factor,
      AttentionWork work) {
    int at = q * headDim + within;
    FloatVector sum = FloatVector.fromArray(lanes.floats(), work.output, at, mask).mul(factor);
    for (int t = from; t < until; t++) {
      FloatVector weight = FloatVector.broadcast(lanes.floats(), work.scores[q * RUN + t]);
      int row = t * headDim + within;
      sum = FloatVector.fromArray(lanes.floats(), work.values, row, mask).fma(weight, sum);
    }
    sum.intoArray(work.output, at, mask);
  }

  private FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(lanes.floats(), from, at);
  }

  /** Writes a query's result. */
  void finish(int q, MemorySegment out, long at, AttentionWork work) {
    float total = lanes.sum(work.weights, q * Work.LANES);
    for (int i = 0; i < headDim; i++) {
      out.set(Memory.FLOAT, at + i * 4L, work.output[q * headDim + i] / total);
    }
  }
}
