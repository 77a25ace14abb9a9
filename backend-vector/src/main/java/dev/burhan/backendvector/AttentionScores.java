package dev.burhan.backendvector;

import jdk.incubator.vector.FloatVector;

/**
 * Dot products of the queries with the keys of a run. Lane l adds the products of the numbers l, l
 * + lanes, l + 2 lanes and so on by fma, in ascending order; lanes are then added by halves. As
 * many keys as there are lanes are folded together, each step adding two vectors' halves at once:
 * that costs a few vector operations a key where adding the lanes one by one costs the lanes.
 */
final class AttentionScores implements AttentionStep {
  /** Queries that are folded together. */
  static final int QUERIES = 4;

  /** Floats of a query's partly folded vectors: one vector for four tokens. */
  static final int FOLDS = AttentionKernel.RUN / 4 * Work.LANES;

  private final Lanes lanes;
  private final int stride;

  AttentionScores(Lanes lanes, int stride) {
    this.lanes = lanes;
    this.stride = stride;
  }

  /**
   * Keys that a query does not see are whatever an earlier run left; so are their scores.
   *
   * <p>A few queries are multiplied before any of their sums is folded on: a vector that is read
   * back right after it was written waits for the store.
   */
  @Override
  public void run(AttentionWork work) {
    for (int first = 0; first < work.queries; first += QUERIES) {
      int end = Math.min(first + QUERIES, work.queries);
      int q = first;
      for (; q + 2 <= end; q += 2) {
        multiplyTwo(q, (q - first) * FOLDS, work);
      }
      if (q < end) {
        multiply(q, (q - first) * FOLDS, work);
      }
      for (q = first; q < end; q++) {
        fold(q, (q - first) * FOLDS, work);
      }
    }
  }

  private void multiply(int q, int to, AttentionWork work) {
    int group = lanes.floats().length();
    int quarter = group / 4;
    for (int token = 0; token < work.until[q]; token += group) {
      for (int i = 0; i < quarter; i++) {
        int key = (token + i) * stride;
        int at = to + (token / 4 + i) * group;
        four(work.keys, key, quarter * stride, work.query, q * stride, work.folds, at);
      }
    }
  }

  private void multiplyTwo(int q, int to, AttentionWork work) {
    int group = lanes.floats().length();
    int quarter = group / 4;
    int until = Math.max(work.until[q], work.until[q + 1]);
    for (int token = 0; token < until; token += group) {
      for (int i = 0; i < quarter; i++) {
        int key = (token + i) * stride;
        int at = to + (token / 4 + i) * group;
        fourTimesTwo(work.keys, key, quarter * stride, work.query, q * stride, work.folds, at);
      }
    }
  }

  private void fold(int q, int from, AttentionWork work) {
    int group = lanes.floats().length();
    for (int token = 0; token < work.until[q]; token += group) {
      lanes
          .foldRest(work.folds, from + token / 4 * group)
          .intoArray(work.scores, q * AttentionKernel.RUN + token);
    }
  }

  /** Four keys, {@code apart} numbers apart, times a query: folded to one vector. */
  private void four(float[] keys, int k, int apart, float[] query, int q, float[] to, int at) {
    FloatVector s0 = FloatVector.zero(lanes.floats());
    FloatVector s1 = FloatVector.zero(lanes.floats());
    FloatVector s2 = FloatVector.zero(lanes.floats());
    FloatVector s3 = FloatVector.zero(lanes.floats());
    for (int i = 0; i < stride; i += lanes.floats().length()) {
      FloatVector x = load(query, q + i);
      s0 = load(keys, k + i).fma(x, s0);
      s1 = load(keys, k + apart + i).fma(x, s1);
      s2 = load(keys, k + 2 * apart + i).fma(x, s2);
      s3 = load(keys, k + 3 * apart + i).fma(x, s3);
    }
    FloatVector even = lanes.foldHalves(s0, s2);
    FloatVector odd = lanes.foldHalves(s1, s3);
    lanes.foldQuarters(even, odd).intoArray(to, at);
  }

  /** The same with two queries, whose sums are {@link #FOLDS} apart. */
  private void fourTimesTwo(
      float[] keys, int k, int apart, float[] query, int q, float[] to, int at) {
    FloatVector s0 = FloatVector.zero(lanes.floats());
    FloatVector s1 = FloatVector.zero(lanes.floats());
    FloatVector s2 = FloatVector.zero(lanes.floats());
    FloatVector s3 = FloatVector.zero(lanes.floats());
    FloatVector t0 = FloatVector.zero(lanes.floats());
    FloatVector t1 = FloatVector.zero(lanes.floats());
    FloatVector t2 = FloatVector.zero(lanes.floats());
    FloatVector t3 = FloatVector.zero(lanes.floats());
    for (int i = 0; i < stride; i += lanes.floats().length()) {
      FloatVector x = load(query, q + i);
      FloatVector y = load(query, q + stride + i);
      FloatVector key = load(keys, k + i);
      s0 = key.fma(x, s0);
      t0 = key.fma(y, t0);
      key = load(keys, k + apart + i);
      s1 = key.fma(x, s1);
      t1 = key.fma(y, t1);
      key = load(keys, k + 2 * apart + i);
      s2 = key.fma(x, s2);
      t2 = key.fma(y, t2);
      key = load(keys, k + 3 * apart + i);
      s3 = key.fma(x, s3);
      t3 = key.fma(y, t3);
    }
    FloatVector even = lanes.foldHalves(s0, s2);
    FloatVector odd = lanes.foldHalves(s1, s3);
    lanes.foldQuarters(even, odd).intoArray(to, at);
    even = lanes.foldHalves(t0, t2);
    odd = lanes.foldHalves(t1, t3);
    lanes.foldQuarters(even, odd).intoArray(to, at + FOLDS);
  }

  private FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(lanes.floats(), from, at);
  }
}
