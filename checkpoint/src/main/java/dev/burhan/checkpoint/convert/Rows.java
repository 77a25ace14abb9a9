package dev.burhan.checkpoint.convert;

import dev.burhan.tensor.Shape;

/** A tensor's numbers in F32, row by row. Not thread-safe. */
interface Rows {
  /** Outermost dimension first; a vector is one row. */
  Shape shape();

  /**
   * Reads a row.
   *
   * @param row over all dimensions but the innermost
   * @param to written from {@code at} on
   */
  void read(long row, float[] to, int at);

  /** Numbers that are computed, as one row. */
  static Rows of(float[] numbers) {
    return new Rows() {
      @Override
      public Shape shape() {
        return Shape.of(numbers.length);
      }

      @Override
      public void read(long row, float[] to, int at) {
        System.arraycopy(numbers, 0, to, at, numbers.length);
      }
    };
  }
}
