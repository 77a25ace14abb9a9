package dev.burhan.backendvector;

/** What attention keeps in a worker thread's scratch. */
final class AttentionWork {
  /** F32 (RUN, headDim): the keys and values of the run at hand. */
  final float[] keys;

  final float[] values;

  /** (queries, RUN): scores, then weights, of the run at hand. */
  final float[] scores;

  /** A tile of vectors of sums. */
  final float[] vectors = new float[Work.TILE * Work.TILE * Work.LANES];

  /** (queries): the greatest score so far. */
  final float[] greatest;

  /** (queries, LANES): a vector of sums of weights for each. */
  final float[] weights;

  /** (queries, headDim): weighted values so far. */
  final float[] output;

  /**
   * @param smaller one that this replaces, or null
   */
  AttentionWork(int queries, int headDim, AttentionWork smaller) {
    int most = smaller == null ? queries : Math.max(queries, smaller.greatest.length);
    int dim = smaller == null ? headDim : Math.max(headDim, smaller.dim());
    this.keys = new float[AttentionKernel.RUN * dim];
    this.values = new float[AttentionKernel.RUN * dim];
    this.scores = new float[most * AttentionKernel.RUN];
    this.greatest = new float[most];
    this.weights = new float[most * Work.LANES];
    this.output = new float[most * dim];
  }

  boolean fits(int queries, int headDim) {
    return queries <= greatest.length && headDim <= dim();
  }

  private int dim() {
    return keys.length / AttentionKernel.RUN;
  }
}
