package dev.burhan.backendvector;

import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A block-scaled weight as two: FP8 values, in memory as the file has them, and the scales of their
 * blocks. The weight itself is F32, four times as large.
 *
 * @param values of the weight's shape and use
 * @param scales F32 (..., ceil(rows / blockRows), ceil(cols / blockCols))
 */
record ScaledWeight(Weight values, Weight scales, int blockRows, int blockCols) {

  /** The two parts, if it is such a weight. */
  static Optional<ScaledWeight> of(Weight weight) {
    boolean matrices = weight.use() == Weight.Use.MATRIX || weight.use() == Weight.Use.EXPERTS;
    int rank = weight.shape().rank();
    if (!matrices || rank < 2 || !(weight.source() instanceof Source.BlockScaled source)) {
      return Optional.empty();
    }
    List<Long> grid = new ArrayList<>(weight.shape().dims());
    grid.set(rank - 2, Math.ceilDiv(grid.get(rank - 2), source.blockRows()));
    grid.set(rank - 1, Math.ceilDiv(grid.get(rank - 1), source.blockCols()));
    Weight values =
        new Weight(weight.name(), DataType.F8_E4M3, weight.shape(), source.values(), weight.use());
    Weight scales =
        new Weight(
            weight.name() + " scales",
            DataType.F32,
            new Shape(grid),
            source.scales(),
            Weight.Use.VECTOR);
    return Optional.of(new ScaledWeight(values, scales, source.blockRows(), source.blockCols()));
  }
}
