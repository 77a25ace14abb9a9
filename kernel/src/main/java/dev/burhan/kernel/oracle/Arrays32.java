package dev.burhan.kernel.oracle;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.burhan.backend.Batch;
import dev.burhan.graph.Value;
import java.lang.foreign.MemorySegment;

/** Numbers in segments by index, and the few sums that several kernels share. */
final class Arrays32 {
  private Arrays32() {}

  static float get(MemorySegment numbers, long index) {
    return numbers.getAtIndex(JAVA_FLOAT, index);
  }

  static void set(MemorySegment numbers, long index, double number) {
    numbers.setAtIndex(JAVA_FLOAT, index, (float) number);
  }

  static double get64(MemorySegment numbers, long index) {
    return numbers.getAtIndex(JAVA_DOUBLE, index);
  }

  static void set64(MemorySegment numbers, long index, double number) {
    numbers.setAtIndex(JAVA_DOUBLE, index, number);
  }

  /** Sum of products of {@code count} F32 numbers each, from an index on. */
  static double dot(MemorySegment a, long a0, MemorySegment b, long b0, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (double) get(a, a0 + i) * get(b, b0 + i);
    }
    return sum;
  }

  static void clear64(MemorySegment numbers, int count) {
    for (int i = 0; i < count; i++) {
      set64(numbers, i, 0);
    }
  }

  /** {@code sums += factor * row}, sums being doubles. */
  static void addScaled(MemorySegment sums, double factor, MemorySegment row, int count) {
    for (int i = 0; i < count; i++) {
      set64(sums, i, get64(sums, i) + factor * get(row, i));
    }
  }

  static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  /** How many rows a value has in this step. */
  static int rows(Value value, Batch batch) {
    return value.rows() == Value.Rows.LOGIT ? batch.logitRows() : batch.columns();
  }

  /** Scores (doubles) become probabilities. */
  static void softmax(MemorySegment scores, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, get64(scores, i));
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      double e = Math.exp(get64(scores, i) - max);
      set64(scores, i, e);
      sum += e;
    }
    for (int i = 0; i < count; i++) {
      set64(scores, i, get64(scores, i) / sum);
    }
  }
}
