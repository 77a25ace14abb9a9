package dev.burhan.graph;

import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.Objects;

/**
 * A weight that an op uses. Never bytes: a graph can be made, printed and planned from a
 * checkpoint's header alone.
 *
 * @param name for people and errors, usually the tensor's name
 * @param type the type it is used in: the file's own for {@link Source.Stored}, slices along rows
 *     and stacks; F32 where deriving it means computing (transposed or block-scaled values)
 * @param shape outermost first; (rows, cols) = (outputs, inputs) for a matrix, (experts, rows,
 *     cols) for experts
 * @param source how it is made from the checkpoint
 * @param use how it will be read
 */
public record Weight(String name, DataType type, Shape shape, Source source, Use use) {

  /** How a weight is read; decides which layouts make sense. */
  public enum Use {
    /**
     * A few numbers, read whole by everyone: gains, biases. Handed out as F32 whatever the file
     * has.
     */
    VECTOR,
    /** Single rows by number: an embedding table. */
    GATHER,
    /** A matrix multiplied by activations. */
    MATRIX,
    /** Matrices of which each token needs a few: (experts, rows, cols). */
    EXPERTS
  }

  public Weight {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(use, "use");
  }

  /** Bytes in {@link #type()}. */
  public long bytes() {
    return Math.multiplyExact(shape.rows(), type.bytes(shape.cols()));
  }
}
