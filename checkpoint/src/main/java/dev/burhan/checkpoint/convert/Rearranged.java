package dev.burhan.checkpoint.convert;

import dev.burhan.tensor.Shape;
import java.util.List;
import java.util.function.LongUnaryOperator;

/** Tensors whose rows stand elsewhere in others. */
final class Rearranged {
  private Rearranged() {}

  private record Moved(Rows of, Shape shape, LongUnaryOperator from) implements Rows {
    @Override
    public void read(long row, float[] to, int at) {
      of.read(from.applyAsLong(row), to, at);
    }
  }

  /** Row r is row {@code from(r)} of another. */
  static Rows rows(Rows of, Shape shape, LongUnaryOperator from) {
    return new Moved(of, shape, from);
  }

  /**
   * Query or key of llama, as GGUF has it: of each head row j and row j + half follow each other,
   * so that rotated pairs are neighbours. A bias is arranged likewise.
   */
  static Rows permuted(Rows of, int heads) {
    long rows = of.shape().rank() == 1 ? of.shape().cols() : of.shape().rows();
    long head = rows / heads;
    LongUnaryOperator from =
        row -> row / head * head + row % head % 2 * (head / 2) + row % head / 2;
    if (of.shape().rank() > 1) {
      return rows(of, of.shape(), from);
    }
    float[] numbers = new float[(int) rows];
    of.read(0, numbers, 0);
    float[] moved = new float[numbers.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = numbers[(int) from.applyAsLong(i)];
    }
    return Rows.of(moved);
  }

  private record Stack(List<Rows> parts, Shape shape) implements Rows {
    @Override
    public void read(long row, float[] to, int at) {
      long each = parts.getFirst().shape().rows();
      parts.get((int) (row / each)).read(row % each, to, at);
    }
  }

  /** Matrices of one shape, one behind the other: (parts, rows, cols). */
  static Rows stacked(List<Rows> parts) {
    Shape one = parts.getFirst().shape();
    return new Stack(parts, Shape.of(parts.size(), one.dim(0), one.dim(1)));
  }

  /** Of each of {@code heads} heads of {@code each} rows the first {@code count}, transposed. */
  static Rows transposedHeads(Rows of, int heads, int each, int count) {
    return new TransposedHeads(of, heads, each, count);
  }

  private static final class TransposedHeads implements Rows {
    private final Rows of;
    private final int heads;
    private final int each;
    private final int count;
    private final int cols;
    private final float[] block; // (count, cols) of the head that was read last
    private long loaded = -1;

    TransposedHeads(Rows of, int heads, int each, int count) {
      this.of = of;
      this.heads = heads;
      this.each = each;
      this.count = count;
      this.cols = Math.toIntExact(of.shape().cols());
      this.block = new float[count * cols];
    }

    @Override
    public Shape shape() {
      return Shape.of(heads, cols, count);
    }

    @Override
    public void read(long row, float[] to, int at) {
      long head = row / cols;
      if (head != loaded) {
        for (int i = 0; i < count; i++) {
          of.read(head * each + i, block, i * cols);
        }
        loaded = head;
      }
      for (int i = 0; i < count; i++) {
        to[at + i] = block[i * cols + (int) (row % cols)];
      }
    }
  }
}
