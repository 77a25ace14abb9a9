package dev.burhan.modeldistill;

import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.Weight.Use;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** The tensors of a folder of which only config.json is at hand. */
record OutlinedTensors(Path path, DataType matrices) implements TensorFiles {
  @Override
  public TensorNames names() {
    return TensorNames.HUGGING_FACE;
  }

  @Override
  public boolean has(String name) {
    return !name.endsWith(DecoderTensors.SCALES) || matrices.equals(DataType.F8_E4M3);
  }

  @Override
  public TensorInfo tensor(String name, Shape expected, Use use) {
    DataType type = type(expected, use);
    return new TensorInfo(
        name,
        type,
        expected,
        path,
        0,
        Math.multiplyExact(expected.rows(), type.bytes(expected.cols())));
  }

  private DataType type(Shape shape, Use use) {
    if (use == Use.VECTOR || shape.cols() % matrices.blockElements() != 0) {
      return DataType.F32;
    }
    boolean scaled = matrices.equals(DataType.F8_E4M3);
    return scaled && use == Use.GATHER ? DataType.BF16 : matrices;
  }

  @Override
  public Collection<TensorInfo> all() {
    return List.of();
  }
}
