package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Weights values by the softmax of their scores, a run of tokens after another. */
final class AttentionSoftmax {
  private static final int RUN = AttentionKernel.RUN;
  private final Lanes lanes;
  private final AttentionWork layout;
  private final int headDim;
  private final float scale;

  AttentionSoftmax(Lanes lanes, AttentionWork layout, int headDim, float scale) {
    this.lanes = lanes;
    this.layout = layout;
    this.headDim = headDim;
    this.scale = scale;
  }

  void start(int queries, MemorySegment work) {
    for (int q = 0; q < queries; q++) {
      work.set(Memory.FLOAT, layout.greatest(q), Float.NEGATIVE_INFINITY);
      FloatVector.zero(lanes.floats()).intoMemorySegment(work, layout.weights(q), LE);
      for (int i = 0; i < headDim; i++) {
        work.set(Memory.FLOAT, layout.output(q) + i * 4L, 0);
      }
    }
  }

  /**
   * Adds tokens {@code [from, until)} of the run at hand.
   *
   * @param values where the value rows are
   */
  void add(int q, int from, int until, MemorySegment values, MemorySegment work) {
    long scores = layout.scores() + (long) q * RUN * 4;
    float before = work.get(Memory.FLOAT, layout.greatest(q));
    float greatest = Math.max(before, scaled(scores, from, until, work));
    work.set(Memory.FLOAT, layout.greatest(q), greatest);
    FloatVector less = FloatVector.broadcast(lanes.floats(), before - greatest);
    FloatVector factor = Exponential.of(less);
    weigh(q, scores, greatest, factor, work);
    // All lanes are equal, so any one may be taken; the first is cheap.
    values(q, scores, from, until, factor.lane(0), values, work);
  }

  /** Scales the scores, leaves those outside of the range at minus infinity, finds the greatest. */
  private float scaled(long scores, int from, int until, MemorySegment work) {
    FloatVector greatest = FloatVector.broadcast(lanes.floats(), Float.NEGATIVE_INFINITY);
    for (int t = 0; t < RUN; t += lanes.floats().length()) {
      VectorMask<Float> seen = lanes.floats().indexInRange(t, until);
      if (from > t) {
        seen = seen.andNot(lanes.floats().indexInRange(t, from));
      }
      FloatVector score =
          FloatVector.fromMemorySegment(lanes.floats(), work, scores + t * 4L, LE).mul(scale);
      score = FloatVector.broadcast(lanes.floats(), Float.NEGATIVE_INFINITY).blend(score, seen);
      score.intoMemorySegment(work, scores + t * 4L, LE);
      greatest = greatest.max(score);
    }
    return greatest.reduceLanes(VectorOperators.MAX);
  }

  /** Replaces scores by weights and adds them up. */
  private void weigh(int q, long scores, float greatest, FloatVector factor, MemorySegment work) {
    FloatVector total =
        FloatVector.fromMemorySegment(lanes.floats(), work, layout.weights(q), LE).mul(factor);
    for (int t = 0; t < RUN; t += lanes.floats().length()) {
      FloatVector score = FloatVector.fromMemorySegment(lanes.floats(), work, scores + t * 4L, LE);
      FloatVector weight = Exponential.of(score.sub(greatest));
      weight.intoMemorySegment(work, scores + t * 4L, LE);
      total = total.add(weight);
    }
    total.intoMemorySegment(work, layout.weights(q), LE);
  }

  private void values(
      int q,
      long weights,
      int from,
      int until,
      float factor,
      MemorySegment values,
      MemorySegment work) {
    int step = lanes.floats().length();
    int i = 0;
    for (; i <= headDim - 4 * step; i += 4 * step) {
      fourVectors(layout.output(q) + i * 4L, i * 4L, weights, from, until, factor, values, work);
    }
    for (; i < headDim; i += step) {
      VectorMask<Float> mask = lanes.floats().indexInRange(i, headDim);
      long at = layout.output(q) + i * 4L;
      oneVector(at, i * 4L, mask, weights, from, until, factor, values, work);
    }
  }

  private void fourVectors(
      long at,
      long within,
      long weights,
      int from,
      int until,
      float factor,
      MemorySegment values,
      MemorySegment work) {
    int size = lanes.floats().vectorByteSize();
    FloatVector s0 = load(work, at).mul(factor);
    FloatVector s1 = load(work, at + size).mul(factor);
    FloatVector s2 = load(work, at + 2 * size).mul(factor);
    FloatVector s3 = load(work, at + 3 * size).mul(factor);
    for (int t = from; t < until; t++) {
      FloatVector weight =
          FloatVector.broadcast(lanes.floats(), work.get(Memory.FLOAT, weights + t * 4L));
      long row = work.get(Memory.LONG, layout.valueRows() + t * 8L) + within;
      s0 = load(values, row).fma(weight, s0);
      s1 = load(values, row + size).fma(weight, s1);
      s2 = load(values, row + 2 * size).fma(weight, s2);
      s3 = load(values, row + 3 * size).fma(weight, s3);
    }
    s0.intoMemorySegment(work, at, LE);
    s1.intoMemorySegment(work, at + size, LE);
    s2.intoMemorySegment(work, at + 2 * size, LE);
    s3.intoMemorySegment(work, at + 3 * size, LE);
  }

  private void oneVector(
      long at,
      long within,
      VectorMask<Float> mask,
      long weights,
      int from,
      int until,
      float factor,
      MemorySegment values,
      MemorySegment work) {
    FloatVector sum = FloatVector.fromMemorySegment(lanes.floats(), work, at, LE, mask).mul(factor);
    for (int t = from; t < until; t++) {
      FloatVector weight =
          FloatVector.broadcast(lanes.floats(), work.get(Memory.FLOAT, weights + t * 4L));
      long row = work.get(Memory.LONG, layout.valueRows() + t * 8L) + within;
      sum = FloatVector.fromMemorySegment(lanes.floats(), values, row, LE, mask).fma(weight, sum);
    }
    sum.intoMemorySegment(work, at, LE, mask);
  }

  /** Writes a query's result. */
  void finish(int q, MemorySegment out, long at, MemorySegment work) {
    float total = lanes.sum(work, layout.weights(q));
    for (int i = 0; i < headDim; i++) {
      float sum = work.get(Memory.FLOAT, layout.output(q) + i * 4L);
      out.set(Memory.FLOAT, at + i * 4L, sum / total);
    }
  }

  private FloatVector load(MemorySegment from, long at) {
    return FloatVector.fromMemorySegment(lanes.floats(), from, at, LE);
  }
}
