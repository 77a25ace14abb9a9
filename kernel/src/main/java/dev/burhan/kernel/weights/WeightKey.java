package dev.burhan.kernel.weights;

import dev.burhan.backend.Layout;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;

/**
 * What there is one copy of: weights of one source, type and shape share it in one layout, whatever
 * they are called and however they are used. A tied head is its embedding.
 */
public record WeightKey(Source source, DataType type, Shape shape, Layout layout) {

  public static WeightKey of(Weight weight, Layout layout) {
    return new WeightKey(weight.source(), weight.type(), weight.shape(), layout);
  }
}
