package dev.burhan.kernel.oracle;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.Layout;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Dequantiser;
import java.lang.foreign.MemorySegment;

/**
 * A weight's rows as F32.
 *
 * @param segment (rows, cols) in {@code type}
 * @param type how they are stored
 * @param rows all dimensions but the innermost
 * @param cols numbers a row
 */
record WeightRows(MemorySegment segment, DataType type, int rows, int cols) {

  static WeightRows of(Weight weight, Bindings bindings) {
    var resident = bindings.weight(weight);
    return new WeightRows(
        resident.segment(),
        resident.layout().equals(Layout.F32) ? DataType.F32 : weight.type(),
        Math.toIntExact(weight.shape().rows()),
        Math.toIntExact(weight.shape().cols()));
  }

  /** Bytes of a row as F32. */
  long f32Bytes() {
    return 4L * cols;
  }

  /** Writes a row as F32. */
  void read(long row, MemorySegment to, long toOffset) {
    Dequantiser.decode(type, cols, segment, row * type.bytes(cols), to, toOffset);
  }
}
