package dev.burhan.graph;

import dev.burhan.tensor.DataType;
import java.util.List;

/**
 * One array that a cache keeps for each token: the keys, the values, MLA's latent. The graph names
 * the types that the model allows; which one is used is a limit of the program, not of the op.
 *
 * @param name {@code key}, {@code value}, {@code latent}, {@code rope}
 * @param numbers how many a token
 * @param allowed storage types, best first
 */
public record Plane(String name, int numbers, List<DataType> allowed) {
  public Plane {
    allowed = List.copyOf(allowed);
  }
}
