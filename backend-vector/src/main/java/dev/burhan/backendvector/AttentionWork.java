package dev.burhan.backendvector;

/** Where attention keeps what in a worker's scratch memory; offsets in bytes. */
final class AttentionWork {
  private final long sums;
  private final long state;
  private final long scores;
  private final long output;
  private final long keys;
  private final long values;
  private final long bytes;
  private final int lanesBytes;
  private final int headDim;

  AttentionWork(Lanes lanes, int queries, int headDim) {
    this.lanesBytes = lanes.bytes();
    this.headDim = headDim;
    this.sums = 2L * AttentionKernel.RUN * 8;
    this.state = sums + (long) Work.TILE * Work.TILE * lanes.bytes();
    this.scores = state + (long) queries * 2 * lanes.bytes();
    this.output = scores + (long) queries * AttentionKernel.RUN * 4;
    this.keys = Memory.align(output + (long) queries * headDim * 4);
    this.values = Memory.align(keys + (long) AttentionKernel.RUN * headDim * 4);
    this.bytes = Memory.align(values + (long) AttentionKernel.RUN * headDim * 4);
  }

  /** Byte offsets of the run's key rows, I64. */
  long keyRows() {
    return 0;
  }

  long valueRows() {
    return AttentionKernel.RUN * 8L;
  }

  /** A tile of vectors of sums. */
  long sums() {
    return sums;
  }

  /** A query's greatest score so far, F32. */
  long greatest(int query) {
    return state + (long) query * 2 * lanesBytes;
  }

  /** A query's vector of sums of weights. */
  long weights(int query) {
    return greatest(query) + lanesBytes;
  }

  /** F32 (queries, RUN). */
  long scores() {
    return scores;
  }

  /** A query's weighted values so far, F32 (headDim). */
  long output(int query) {
    return output + (long) query * headDim * 4;
  }

  /** Room for the run's keys as F32, where the cache has another type. */
  long keys() {
    return keys;
  }

  long values() {
    return values;
  }

  long bytes() {
    return bytes;
  }
}
