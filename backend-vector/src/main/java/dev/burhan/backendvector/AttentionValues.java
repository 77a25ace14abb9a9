package dev.burhan.backendvector;

import jdk.incubator.vector.FloatVector;

/** Adds the values of a run, weighted, to each query's sums. */
final class AttentionValues implements AttentionStep {
  private static final int RUN = AttentionKernel.RUN;
  private final Lanes lanes;
  private final int stride;
  private final int apart;
  private final boolean inKeys;

  /** Values are rows of their own, {@code stride} numbers apart, as sums are. */
  AttentionValues(Lanes lanes, int stride) {
    this(lanes, stride, stride, false);
  }

  /** Values are what the rows of keys begin with, which are {@code apart} numbers apart. */
  static AttentionValues inKeys(Lanes lanes, int stride, int apart) {
    return new AttentionValues(lanes, stride, apart, true);
  }

  private AttentionValues(Lanes lanes, int stride, int apart, boolean inKeys) {
    this.lanes = lanes;
    this.stride = stride;
    this.apart = apart;
    this.inKeys = inKeys;
  }

  private float[] values(AttentionWork work) {
    return inKeys ? work.keys : work.values;
  }

  @Override
  public void run(AttentionWork work) {
    int step = lanes.floats().length();
    int i = 0;
    for (; i <= stride - 4 * step; i += 4 * step) {
      int q = 0;
      for (; q + 2 <= work.queries; q += 2) {
        if (work.from[q] == work.from[q + 1] && work.until[q] == work.until[q + 1]) {
          fourVectorsOfTwo(q, i, work);
        } else {
          fourVectors(q, i, work);
          fourVectors(q + 1, i, work);
        }
      }
      if (q < work.queries) {
        fourVectors(q, i, work);
      }
    }
    for (; i < stride; i += step) {
      for (int q = 0; q < work.queries; q++) {
        oneVector(q, i, work);
      }
    }
  }

  private void fourVectors(int q, int within, AttentionWork work) {
    int step = lanes.floats().length();
    int at = q * stride + within;
    float factor = work.factor[q];
    float[] output = work.span.output;
    float[] values = values(work);
    FloatVector s0 = load(output, at).mul(factor);
    FloatVector s1 = load(output, at + step).mul(factor);
    FloatVector s2 = load(output, at + 2 * step).mul(factor);
    FloatVector s3 = load(output, at + 3 * step).mul(factor);
    int until = work.until[q];
    for (int t = work.from[q]; t < until; t++) {
      FloatVector weight = FloatVector.broadcast(lanes.floats(), work.scores[q * RUN + t]);
      int row = t * apart + within;
      s0 = load(values, row).fma(weight, s0);
      s1 = load(values, row + step).fma(weight, s1);
      s2 = load(values, row + 2 * step).fma(weight, s2);
      s3 = load(values, row + 3 * step).fma(weight, s3);
    }
    s0.intoArray(output, at);
    s1.intoArray(output, at + step);
    s2.intoArray(output, at + 2 * step);
    s3.intoArray(output, at + 3 * step);
  }

  /** The same of two queries that see the same tokens. */
  private void fourVectorsOfTwo(int q, int within, AttentionWork work) {
    int step = lanes.floats().length();
    int at = q * stride + within;
    float factor = work.factor[q];
    float[] output = work.span.output;
    float[] values = values(work);
    FloatVector s0 = load(output, at).mul(factor);
    FloatVector s1 = load(output, at + step).mul(factor);
    FloatVector s2 = load(output, at + 2 * step).mul(factor);
    FloatVector s3 = load(output, at + 3 * step).mul(factor);
    at += stride;
    factor = work.factor[q + 1];
    FloatVector t0 = load(output, at).mul(factor);
    FloatVector t1 = load(output, at + step).mul(factor);
    FloatVector t2 = load(output, at + 2 * step).mul(factor);
    FloatVector t3 = load(output, at + 3 * step).mul(factor);
    int until = work.until[q];
    for (int t = work.from[q]; t < until; t++) {
      FloatVector first = FloatVector.broadcast(lanes.floats(), work.scores[q * RUN + t]);
      FloatVector second = FloatVector.broadcast(lanes.floats(), work.scores[q * RUN + RUN + t]);
      int row = t * apart + within;
      FloatVector value = load(values, row);
      s0 = value.fma(first, s0);
      t0 = value.fma(second, t0);
      value = load(values, row + step);
      s1 = value.fma(first, s1);
      t1 = value.fma(second, t1);
      value = load(values, row + 2 * step);
      s2 = value.fma(first, s2);
      t2 = value.fma(second, t2);
      value = load(values, row + 3 * step);
      s3 = value.fma(first, s3);
      t3 = value.fma(second, t3);
    }
    t0.intoArray(output, at);
    t1.intoArray(output, at + step);
    t2.intoArray(output, at + 2 * step);
    t3.intoArray(output, at + 3 * step);
    at -= stride;
    s0.intoArray(output, at);
    s1.intoArray(output, at + step);
    s2.intoArray(output, at + 2 * step);
    s3.intoArray(output, at + 3 * step);
  }

  private void oneVector(int q, int within, AttentionWork work) {
    int at = q * stride + within;
    FloatVector sum = load(work.span.output, at).mul(work.factor[q]);
    float[] values = values(work);
    int until = work.until[q];
    for (int t = work.from[q]; t < until; t++) {
      FloatVector weight = FloatVector.broadcast(lanes.floats(), work.scores[q * RUN + t]);
      sum = load(values, t * apart + within).fma(weight, sum);
    }
    sum.intoArray(work.span.output, at);
  }

  private FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(lanes.floats(), from, at);
  }
}
