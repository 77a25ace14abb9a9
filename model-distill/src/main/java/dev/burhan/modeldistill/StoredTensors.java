package dev.burhan.modeldistill;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.Weight.Use;
import dev.burhan.tensor.Shape;
import java.util.Collection;

/** A checkpoint's tensors. */
record StoredTensors(Checkpoint checkpoint) implements TensorFiles {
  @Override
  public TensorNames names() {
    return TensorNames.of(checkpoint.format());
  }

  @Override
  public boolean has(String name) {
    return checkpoint.tensors().containsKey(name);
  }

  @Override
  public TensorInfo tensor(String name, Shape expected, Use use) {
    return checkpoint.tensor(name);
  }

  @Override
  public Collection<TensorInfo> all() {
    return checkpoint.tensors().values();
  }
}
