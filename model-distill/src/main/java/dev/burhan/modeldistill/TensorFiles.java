package dev.burhan.modeldistill;

import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.Weight.Use;
import dev.burhan.tensor.Shape;
import java.util.Collection;

/** The tensors that weights are made of: a checkpoint's, or those that a configuration implies. */
interface TensorFiles {
  /** How they are spelled. */
  TensorNames names();

  boolean has(String name);

  /**
   * A tensor.
   *
   * @param expected its shape by the settings, which a checkpoint's may contradict
   * @throws dev.burhan.checkpoint.CheckpointException if it is not there
   */
  TensorInfo tensor(String name, Shape expected, Use use);

  /** All of them; none where they are only implied. */
  Collection<TensorInfo> all();
}
