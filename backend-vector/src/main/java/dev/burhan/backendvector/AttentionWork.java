package dev.burhan.backendvector;

/**
 * What attention keeps in a worker thread's scratch. Rows of a head are {@code stride} numbers
 * apart, a multiple of the lanes; what lies after a head's numbers is zero where it is multiplied.
 */
final class AttentionWork {
  /** F32 (RUN, stride): the keys and values of the run at hand. */
  final float[] keys;

  final float[] values;

  /** F32 (queries, stride). */
  final float[] query;

  /** (QUERIES, RUN / 4, lanes): partly folded vectors of the scores at hand. */
  final float[] folds = new float[AttentionScores.QUERIES * AttentionScores.FOLDS];

  /** How many queries there are, and which tokens of the run each sees: from, until. */
  int queries;

  final int[] from;

  final int[] until;

  /** (queries, RUN): scores, then weights, of the run at hand. */
  final float[] scores;

  /** (queries): what sums over earlier runs are multiplied with. */
  final float[] factor;

  /** The sums of the span at hand, and those of the spans before. */
  final Sums span;

  final Sums total;

  /** Weighted sums of values, by query. */
  static final class Sums {
    /** (queries): the greatest score. */
    final float[] greatest;

    /** (queries): sums of the weights. */
    final float[] weight;

    /** (queries, stride): sums of weighted values. */
    final float[] output;

    Sums(int queries, int numbers) {
      greatest = new float[queries];
      weight = new float[queries];
      output = new float[numbers];
    }
  }

  /** (queries, LANES): a vector of sums of weights for each. */
  final float[] weights;

  /**
   * @param smaller one that this replaces, or null
   */
  AttentionWork(int queries, int stride, AttentionWork smaller) {
    int most = smaller == null ? queries : Math.max(queries, smaller.capacity());
    int row = smaller == null ? stride : Math.max(stride, smaller.stride());
    this.keys = new float[AttentionKernel.RUN * row];
    this.values = new float[AttentionKernel.RUN * row];
    this.query = new float[most * row];
    this.from = new int[most];
    this.until = new int[most];
    this.scores = new float[most * AttentionKernel.RUN];
    this.factor = new float[most];
    this.span = new Sums(most, most * row);
    this.total = new Sums(most, most * row);
    this.weights = new float[most * Work.LANES];
  }

  /** Numbers from one row to the next. */
  static int stride(int headDim, Lanes lanes) {
    return Math.ceilDiv(headDim, lanes.floats().length()) * lanes.floats().length();
  }

  boolean fits(int queries, int stride) {
    return queries <= capacity() && stride <= stride();
  }

  private int capacity() {
    return span.greatest.length;
  }

  private int stride() {
    return keys.length / AttentionKernel.RUN;
  }
}
