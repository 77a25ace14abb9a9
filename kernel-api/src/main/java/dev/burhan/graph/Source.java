package dev.burhan.graph;

import java.util.List;

/**
 * Where a weight comes from: an expression over the tensors of a checkpoint. The weight store
 * evaluates it once, streaming, so that derived forms (fused projections taken apart, single
 * experts stacked, MLA's absorbed halves) need no conversion of files and never exist twice.
 */
public sealed interface Source {

  /** A tensor as the file has it. */
  record Stored(String tensor) implements Source {}

  /** The part {@code [from, to)} along an axis, counted from the outermost. */
  record Slice(Source of, int axis, long from, long to) implements Source {}

  /** Parts of equal shape along a new outermost axis. */
  record Stack(List<Source> parts) implements Source {
    public Stack {
      parts = List.copyOf(parts);
    }
  }

  /** The two innermost axes exchanged. */
  record Transpose(Source of) implements Source {}

  /** The same numbers in another shape. */
  record Reshape(Source of, List<Long> shape) implements Source {
    public Reshape {
      shape = List.copyOf(shape);
    }
  }

  /**
   * Values times a scale for each block of {@code rows} x {@code cols} (DeepSeek's FP8: 128 x 128;
   * the last block of a row or column may be partial). The scales have shape (ceil(rows /
   * blockRows), ceil(cols / blockCols)).
   */
  record BlockScaled(Source values, Source scales, int blockRows, int blockCols)
      implements Source {}
}
