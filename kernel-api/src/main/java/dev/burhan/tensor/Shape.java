package dev.burhan.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Dimensions, outermost first (row-major, as in NumPy and safetensors; GGUF files list them the
 * other way round). A matrix weight is (rows, cols) = (outputs, inputs).
 *
 * @param dims dimensions, each at least 0; none for a scalar
 */
public record Shape(List<Long> dims) {

  public Shape {
    dims = List.copyOf(dims);
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative dimension in shape " + dims);
      }
    }
  }

  public static Shape of(long... dims) {
    return new Shape(Arrays.stream(dims).boxed().toList());
  }

  public int rank() {
    return dims.size();
  }

  /** Dimension {@code axis}, counted from the outermost. */
  public long dim(int axis) {
    return dims.get(axis);
  }

  /**
   * Product of all dimensions; 1 for a scalar.
   *
   * @throws ArithmeticException if it does not fit 63 bits
   */
  public long elements() {
    long product = 1;
    for (long dim : dims) {
      product = Math.multiplyExact(product, dim);
    }
    return product;
  }

  /** The innermost dimension; 1 for a scalar. */
  public long cols() {
    return dims.isEmpty() ? 1 : dims.getLast();
  }

  /** Product of all dimensions but the innermost. */
  public long rows() {
    long product = 1;
    for (int axis = 0; axis < dims.size() - 1; axis++) {
      product = Math.multiplyExact(product, dims.get(axis));
    }
    return product;
  }

  @Override
  public String toString() {
    return dims.stream().map(String::valueOf).collect(Collectors.joining(", ", "(", ")"));
  }
}
