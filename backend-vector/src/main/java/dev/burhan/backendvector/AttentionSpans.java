package dev.burhan.backendvector;

import dev.burhan.backendvector.AttentionWork.Sums;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Puts the sums of spans together, in ascending order. Where the spans of a query are shared by
 * several parts, each keeps its own here until the last one is done: (columns, heads, spans, 2 +
 * headDim) F32, greatest score and sum of weights first.
 */
final class AttentionSpans {
  private final int heads;
  private final int headDim;
  private final int stride;
  private final int spans;
  private final Supplier<MemorySegment> memory;

  /**
   * @param spans most spans of a sequence
   */
  AttentionSpans(int heads, int headDim, int stride, int spans, Supplier<MemorySegment> memory) {
    this.heads = heads;
    this.headDim = headDim;
    this.stride = stride;
    this.spans = spans;
    this.memory = memory;
  }

  static long bytes(int columns, int heads, int headDim, int spans) {
    return 4L * columns * heads * spans * (2 + headDim);
  }

  /** Begins the sums over all spans. */
  void start(int queries, Sums total) {
    Arrays.fill(total.greatest, 0, queries, Float.NEGATIVE_INFINITY);
    Arrays.fill(total.weight, 0, queries, 0);
    Arrays.fill(total.output, 0, queries * stride, 0);
  }

  /** Adds a span's sums; one of which the query sees nothing changes nothing. */
  void add(int q, Sums span, Sums total) {
    if (span.weight[q] == 0) {
      return;
    }
    float greatest = Math.max(total.greatest[q], span.greatest[q]);
    float before = Exponential.of(total.greatest[q] - greatest);
    float here = Exponential.of(span.greatest[q] - greatest);
    total.greatest[q] = greatest;
    total.weight[q] = Math.fma(span.weight[q], here, total.weight[q] * before);
    for (int i = q * stride; i < (q + 1) * stride; i++) {
      total.output[i] = Math.fma(span.output[i], here, total.output[i] * before);
    }
  }

  private long at(int column, int head, int span) {
    return 4L * (((long) column * heads + head) * spans + span) * (2 + headDim);
  }

  /** Keeps a query's sums of a span. */
  void keep(int column, int head, int span, int q, Sums sums) {
    long at = at(column, head, span);
    memory.get().set(Memory.FLOAT, at, sums.greatest[q]);
    memory.get().set(Memory.FLOAT, at + 4, sums.weight[q]);
    MemorySegment.copy(sums.output, q * stride, memory.get(), Memory.FLOAT, at + 8, headDim);
  }

  /** Reads a query's sums of a span back. */
  void load(int column, int head, int span, int q, Sums sums) {
    long at = at(column, head, span);
    sums.greatest[q] = memory.get().get(Memory.FLOAT, at);
    sums.weight[q] = memory.get().get(Memory.FLOAT, at + 4);
    MemorySegment.copy(memory.get(), Memory.FLOAT, at + 8, sums.output, q * stride, headDim);
  }

  /** Writes a query's result. */
  void finish(int q, Sums sums, MemorySegment out, long at) {
    float total = sums.weight[q];
    for (int i = q * stride; i < (q + 1) * stride; i++) {
      sums.output[i] /= total;
    }
    MemorySegment.copy(sums.output, q * stride, out, Memory.FLOAT, at, headDim);
  }
}
